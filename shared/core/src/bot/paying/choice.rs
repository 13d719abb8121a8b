//! What a button of the conversation carries, and whether it fits what stands in the chat.

use subtle::ConstantTimeEq as _;

use super::Paying;
use crate::{CategoryId, Moment, TelegramId, WalletId, messaging::button_data};

/// What the data of such a button begins with.
const PREFIX: &str = "p";

/// What a button chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A wallet: to take from, or to put into.
    Wallet(WalletId),
    /// Out of the family.
    Out,
    /// A category.
    Category(CategoryId),
    /// No category.
    NoCategory,
    /// All of it is right.
    Confirm,
    /// Nothing is to be paid.
    Cancel,
}

/// The data of one button: `p.<version>.<nonce>.<choice>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayButton {
    version: u32,
    nonce: String,
    /// What it chooses.
    pub choice: Choice,
}

/// Why a button does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// No conversation stands in the chat: it has ended, or its time is over.
    Over,
    /// It is of an earlier step.
    Earlier,
    /// It is of another conversation, of somebody else's, or made up.
    Forged,
}

impl Choice {
    fn write(self) -> String {
        match self {
            Self::Wallet(id) => format!("w{id}"),
            Self::Out => "o".to_owned(),
            Self::Category(id) => format!("c{id}"),
            Self::NoCategory => "n".to_owned(),
            Self::Confirm => "y".to_owned(),
            Self::Cancel => "x".to_owned(),
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text {
            "o" => Some(Self::Out),
            "n" => Some(Self::NoCategory),
            "y" => Some(Self::Confirm),
            "x" => Some(Self::Cancel),
            _ => match (text.strip_prefix('w'), text.strip_prefix('c')) {
                (Some(id), _) => id.parse().ok().map(Self::Wallet),
                (_, Some(id)) => id.parse().ok().map(Self::Category),
                _ => None,
            },
        }
    }
}

impl PayButton {
    /// Whether the data of a button is one of the conversation's, good or not.
    #[must_use]
    pub fn is_ours(data: &str) -> bool {
        button_data::begins(data, PREFIX)
    }

    /// Reads a button's data.
    #[must_use]
    pub fn read(data: &str) -> Option<Self> {
        let [version, nonce, choice] = button_data::parts(data, PREFIX)?;
        let version = button_data::number(version)?;
        Some(Self { version, nonce: nonce.to_owned(), choice: Choice::read(choice)? })
    }

    /// Whether it fits what stands in the chat.
    ///
    /// # Errors
    /// Why it does nothing.
    pub fn fits<'a>(&self, paying: Option<&'a Paying>, by: TelegramId, now: Moment) -> Result<&'a Paying, Stale> {
        let paying = paying.filter(|paying| paying.live_until > now).ok_or(Stale::Over)?;
        let same: bool = paying.nonce.as_bytes().ct_eq(self.nonce.as_bytes()).into();
        if !same || paying.telegram_id != by {
            return Err(Stale::Forged);
        }
        if paying.version == self.version { Ok(paying) } else { Err(Stale::Earlier) }
    }
}

impl Paying {
    /// The data of a button of this step: at most 64 bytes.
    #[must_use]
    pub fn button(&self, choice: Choice) -> String {
        format!("{PREFIX}.{}.{}.{}", self.version, self.nonce, choice.write())
    }
}
