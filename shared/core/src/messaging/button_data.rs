//! The data of the bot's own buttons: a letter and three parts, separated by points.

use std::{fmt::Display, str::FromStr};

use crate::limits;

/// Whether the data of a button begins like this, good or not.
pub(crate) fn begins(data: &str, letter: &str) -> bool {
    data.split('.').next() == Some(letter)
}

/// The three parts behind the letter; none for what is not of the form or longer than Telegram carries.
pub(crate) fn parts<'a>(data: &'a str, letter: &str) -> Option<[&'a str; 3]> {
    if data.len() > limits::CALLBACK_DATA_BYTES {
        return None;
    }
    let mut parts = data.split('.');
    let (first, one, two, three) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (first == letter && parts.next().is_none()).then_some([one, two, three])
}

/// A number in the one spelling in which it is written.
pub(crate) fn number<T: FromStr + Display>(text: &str) -> Option<T> {
    text.parse::<T>().ok().filter(|number| number.to_string() == text)
}
