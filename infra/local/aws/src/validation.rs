//! The rules that AWS service models put on parameters, with the messages AWS words them in.

use std::ops::RangeInclusive;

use crate::error::AwsError;

/// A required parameter.
pub(crate) fn required<T>(field: &str, value: Option<T>) -> Result<T, AwsError> {
    value.ok_or_else(|| {
        AwsError::validation(format!(
            "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

/// A length in bytes, characters or entries.
pub(crate) fn length(field: &str, length: usize, allowed: RangeInclusive<usize>) -> Result<(), AwsError> {
    if allowed.contains(&length) {
        return Ok(());
    }
    let bound = bound(length < *allowed.start(), allowed.start(), allowed.end());
    Err(AwsError::validation(format!(
        "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must have length {bound}"
    )))
}

/// A number.
pub(crate) fn number(field: &str, value: i64, allowed: RangeInclusive<i64>) -> Result<(), AwsError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let bound = bound(value < *allowed.start(), allowed.start(), allowed.end());
    Err(AwsError::validation(format!(
        "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must have value {bound}"
    )))
}

/// One of an enumeration's values.
pub(crate) fn one_of<'a>(field: &str, value: &str, allowed: &[&'a str]) -> Result<&'a str, AwsError> {
    allowed.iter().find(|candidate| **candidate == value).copied().ok_or_else(|| {
        AwsError::validation(format!(
            "1 validation error detected: Value at '{field}' failed to satisfy constraint: \
             Member must satisfy enum value set: [{}]",
            allowed.join(", ")
        ))
    })
}

/// An optional number as a count, with what stands for none.
pub(crate) fn count(
    field: &str,
    value: Option<i64>,
    default: usize,
    allowed: RangeInclusive<i64>,
) -> Result<usize, AwsError> {
    let Some(value) = value else { return Ok(default) };
    number(field, value, allowed)?;
    Ok(usize::try_from(value).unwrap_or(default))
}

fn bound<T: std::fmt::Display>(below: bool, least: T, most: T) -> String {
    if below { format!("greater than or equal to {least}") } else { format!("less than or equal to {most}") }
}
