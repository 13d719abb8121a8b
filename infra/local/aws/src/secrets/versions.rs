//! A secret's versions: values that never change, and the staging labels that move between them.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::{invalid_parameter, record::Record};
use crate::{database::Turn, error::AwsError, validation::length, wire::Blob};

/// The label of the version that is in use.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that was in use before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";
/// The largest value, in bytes.
const VALUE_BYTES: usize = 65_536;

/// A secret's value, wiped on drop.
#[derive(PartialEq, Eq)]
pub(super) struct SecretValue {
    pub(super) is_text: bool,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// Text that is wiped on drop.
pub(super) struct SecretText(Zeroizing<String>);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

/// The value in a request, if it has one.
///
/// # Errors
/// `InvalidParameterException` where it has two.
pub(super) fn given(text: Option<SecretText>, binary: Option<&Blob>) -> Result<Option<SecretValue>, AwsError> {
    let value = match (text, binary) {
        (Some(_), Some(_)) => {
            return Err(invalid_parameter("You can't specify both a binary secret value and a string secret value."));
        }
        (Some(text), None) => SecretValue { is_text: true, bytes: Zeroizing::new(text.0.as_bytes().to_vec()) },
        (None, Some(blob)) => SecretValue { is_text: false, bytes: Zeroizing::new(blob.bytes().to_vec()) },
        (None, None) => return Ok(None),
    };
    let field = if value.is_text { "secretString" } else { "secretBinary" };
    length(field, value.bytes.len(), 1..=VALUE_BYTES)?;
    Ok(Some(value))
}

/// A version without its value.
pub(super) struct Version {
    pub(super) id: String,
    /// Milliseconds since the epoch.
    pub(super) created: i64,
    pub(super) accessed: Option<i64>,
}

/// All versions of a secret by id.
pub(super) fn all(turn: &Turn<'_>, record: &Record) -> Result<Vec<Version>, AwsError> {
    let mut query =
        turn.tx.prepare_cached("SELECT id, created, accessed FROM secret_version WHERE name = ?1 ORDER BY id")?;
    let read = |row: &rusqlite::Row<'_>| Ok(Version { id: row.get(0)?, created: row.get(1)?, accessed: row.get(2)? });
    Ok(query.query_map([&record.name], read)?.collect::<Result<_, _>>()?)
}

/// Each version that has labels, with them.
pub(super) fn stages(turn: &Turn<'_>, record: &Record) -> Result<BTreeMap<String, Vec<String>>, AwsError> {
    let mut query = turn.tx.prepare_cached("SELECT version, stage FROM secret_stage WHERE name = ?1 ORDER BY stage")?;
    let mut stages = BTreeMap::<String, Vec<String>>::new();
    let rows = query.query_map([&record.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (version, stage): (String, String) = row?;
        stages.entry(version).or_default().push(stage);
    }
    Ok(stages)
}

/// The version that has this label.
pub(super) fn at_stage(turn: &Turn<'_>, record: &Record, stage: &str) -> Result<Option<String>, AwsError> {
    let mut query = turn.tx.prepare_cached("SELECT version FROM secret_stage WHERE name = ?1 AND stage = ?2")?;
    Ok(query.query_row([&record.name, stage], |row| row.get(0)).optional()?)
}

/// A version's value and when it was made.
pub(super) fn value(turn: &Turn<'_>, record: &Record, id: &str) -> Result<Option<(SecretValue, i64)>, AwsError> {
    let mut query =
        turn.tx.prepare_cached("SELECT is_text, value, created FROM secret_version WHERE name = ?1 AND id = ?2")?;
    let read = |row: &rusqlite::Row<'_>| {
        let value = SecretValue { is_text: row.get(0)?, bytes: Zeroizing::new(row.get(1)?) };
        Ok((value, row.get(2)?))
    };
    Ok(query.query_row([&record.name, id], read).optional()?)
}

/// Adds a version and moves labels to it. The same id with the same value again changes nothing.
///
/// # Errors
/// `ResourceExistsException` where the id stands for another value.
pub(super) fn add(
    turn: &Turn<'_>,
    record: &Record,
    id: &str,
    new: &SecretValue,
    labels: &[String],
) -> Result<(), AwsError> {
    if let Some((existing, _)) = value(turn, record, id)? {
        if existing == *new {
            return Ok(());
        }
        let message = format!("A resource with the ID you requested already exists: version {id}.");
        return Err(AwsError::new("ResourceExistsException", message));
    }
    turn.tx.execute(
        "INSERT INTO secret_version (name, id, is_text, value, created) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![record.name, id, new.is_text, new.bytes.as_slice(), turn.now],
    )?;
    for label in labels {
        if label == CURRENT
            && let Some(old) = at_stage(turn, record, CURRENT)?
        {
            move_label(turn, record, PREVIOUS, &old)?;
        }
        move_label(turn, record, label, id)?;
    }
    Ok(())
}

fn move_label(turn: &Turn<'_>, record: &Record, label: &str, id: &str) -> Result<(), AwsError> {
    turn.tx.execute(
        "INSERT INTO secret_stage (name, stage, version) VALUES (?1, ?2, ?3)
         ON CONFLICT (name, stage) DO UPDATE SET version = ?3",
        [&record.name, label, id],
    )?;
    Ok(())
}
