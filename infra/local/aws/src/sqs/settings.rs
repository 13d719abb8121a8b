//! The attributes a queue's owner sets: their names, defaults and bounds.

use std::{collections::BTreeMap, ops::RangeInclusive};

use super::{errors::invalid_value, redrive};
use crate::{database::Turn, error::AwsError};

/// Attributes by name.
pub(super) type Settings = BTreeMap<String, String>;

/// Numeric attributes, their defaults and bounds.
const NUMBERS: [(&str, &str, RangeInclusive<i64>); 6] = [
    ("VisibilityTimeout", "30", 0..=43_200),
    ("DelaySeconds", "0", 0..=900),
    ("MaximumMessageSize", "1048576", 1_024..=1_048_576),
    ("MessageRetentionPeriod", "345600", 60..=1_209_600),
    ("ReceiveMessageWaitTimeSeconds", "0", 0..=20),
    ("KmsDataKeyReusePeriodSeconds", "300", 60..=86_400),
];
/// Attributes with a few words to choose from; the first is the default.
const CHOICES: [(&str, [&str; 2]); 4] = [
    ("ContentBasedDeduplication", ["false", "true"]),
    ("DeduplicationScope", ["queue", "messageGroup"]),
    ("FifoThroughputLimit", ["perQueue", "perMessageGroupId"]),
    ("SqsManagedSseEnabled", ["true", "false"]),
];
/// Attributes for FIFO queues alone.
const ONLY_FIFO: [&str; 3] = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

/// What holds for an attribute that was never set.
pub(super) fn default(name: &str) -> Option<&'static str> {
    let number = NUMBERS.iter().find(|(known, ..)| *known == name).map(|(_, default, _)| *default);
    number.or_else(|| CHOICES.iter().find(|(known, _)| *known == name).map(|(_, [default, _])| *default))
}

/// The attributes every queue of a kind has, with their defaults.
pub(super) fn defaults(fifo: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let numbers = NUMBERS.iter().map(|(name, default, _)| (*name, *default));
    let choices = CHOICES.iter().map(|(name, [default, _])| (*name, *default));
    let shown =
        move |(name, _): &(&str, &str)| *name != "KmsDataKeyReusePeriodSeconds" && (fifo || !ONLY_FIFO.contains(name));
    numbers.chain(choices).filter(shown)
}

/// Checks one attribute that a request wants to set.
///
/// # Errors
/// `InvalidAttributeName`, `InvalidAttributeValue`, or an invalid parameter for a redrive policy.
pub(super) fn check(turn: &Turn<'_>, fifo: bool, name: &str, value: &str) -> Result<(), AwsError> {
    if ONLY_FIFO.contains(&name) && !fifo {
        return Err(unknown_name(name));
    }
    let number = NUMBERS.iter().find(|(known, ..)| *known == name);
    let choice = CHOICES.iter().find(|(known, _)| *known == name);
    let fits = match (name, number, choice) {
        (_, Some((_, _, bounds)), _) => value.parse().is_ok_and(|value: i64| bounds.contains(&value)),
        (_, _, Some((_, words))) => words.contains(&value),
        ("FifoQueue", ..) => fifo && value == "true",
        ("RedrivePolicy", ..) => return redrive::check(turn, fifo, value),
        ("Policy" | "RedriveAllowPolicy" | "KmsMasterKeyId", ..) => true,
        _ => return Err(unknown_name(name)),
    };
    match fits {
        true => Ok(()),
        false => Err(AwsError::new("InvalidAttributeValue", format!("Invalid value for the parameter {name}."))),
    }
}

/// `InvalidAttributeName`.
pub(super) fn unknown_name(name: &str) -> AwsError {
    AwsError::new("InvalidAttributeName", format!("Unknown Attribute {name}."))
}

/// A number in a request, within its bounds.
pub(super) fn bounded(name: &str, value: i64, bounds: RangeInclusive<i64>) -> Result<i64, AwsError> {
    if bounds.contains(&value) {
        return Ok(value);
    }
    let reason = format!("Must be between {} and {}, if provided.", bounds.start(), bounds.end());
    Err(invalid_value(value, name, &reason))
}
