//! How a request names a key: id, key ARN, alias or alias ARN.

use rusqlite::OptionalExtension as _;
use uuid::Uuid;

use super::key::Key;
use crate::{
    database::Turn,
    error::AwsError,
    names::{arn, resource},
    validation::length,
};

/// The key that any of the four forms names.
///
/// # Errors
/// `NotFoundException` where nothing of that name is here.
pub(super) fn key(turn: &Turn<'_>, reference: &str) -> Result<Key, AwsError> {
    let local = local_part(reference)?;
    if !local.starts_with("alias/") {
        return by_id(turn, local);
    }
    let mut query = turn.tx.prepare_cached("SELECT key_id FROM kms_alias WHERE name = ?1")?;
    match query.query_row([local], |row| row.get::<_, String>(0)).optional()? {
        Some(id) => by_id(turn, &id),
        None => Err(not_found(format!("Alias {} is not found.", arn("kms", local)))),
    }
}

/// The key that an id or a key ARN names; operations on keys themselves take no alias.
///
/// # Errors
/// `NotFoundException` where nothing of that name is here, or an alias was given.
pub(super) fn key_without_alias(turn: &Turn<'_>, reference: &str) -> Result<Key, AwsError> {
    match local_part(reference)? {
        alias if alias.starts_with("alias/") => Err(invalid_id(alias)),
        id => by_id(turn, id),
    }
}

/// `NotFoundException`.
pub(super) fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("NotFoundException", message)
}

/// The key id or `alias/…` in a reference.
fn local_part(reference: &str) -> Result<&str, AwsError> {
    length("keyId", reference.chars().count(), 1..=2_048)?;
    if !reference.starts_with("arn:") {
        return Ok(reference);
    }
    let resource = resource(reference, "kms").map_err(|foreign| not_found(format!("Invalid arn {foreign}")))?;
    match resource.strip_prefix("key/") {
        Some(id) => Ok(id),
        None if resource.starts_with("alias/") => Ok(resource),
        None => Err(not_found(format!("Invalid arn {resource}"))),
    }
}

fn by_id(turn: &Turn<'_>, id: &str) -> Result<Key, AwsError> {
    if Uuid::try_parse(id).is_err() {
        return Err(invalid_id(id));
    }
    Key::find(turn, id)?.ok_or_else(|| not_found(format!("Key '{}' does not exist", arn("kms", &format!("key/{id}")))))
}

fn invalid_id(id: &str) -> AwsError {
    not_found(format!("Invalid keyId '{id}'"))
}
