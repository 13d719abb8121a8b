//! Aliases: names that point at a key and may point at another later.

use rusqlite::{OptionalExtension as _, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    key::Key,
    keys::{bad_marker, with_next},
    reference::{key_without_alias, not_found},
};
use crate::{
    clock::seconds,
    database::Turn,
    error::AwsError,
    names::arn,
    paging::page,
    validation::{count, length},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AliasAndKey {
    alias_name: String,
    target_key_id: String,
}

/// `CreateAlias`.
pub(super) fn create(turn: &Turn<'_>, input: AliasAndKey) -> Result<Value, AwsError> {
    check_name(&input.alias_name)?;
    let key = target(turn, &input.target_key_id)?;
    if pointed_at(turn, &input.alias_name)?.is_some() {
        let message = format!("An alias with the name {} already exists", arn("kms", &input.alias_name));
        return Err(AwsError::new("AlreadyExistsException", message));
    }
    turn.tx.execute(
        "INSERT INTO kms_alias (name, key_id, created, updated) VALUES (?1, ?2, ?3, ?3)",
        params![input.alias_name, key.id, turn.now],
    )?;
    Ok(json!({}))
}

/// `UpdateAlias`: to a key of the same spec and use.
pub(super) fn update(turn: &Turn<'_>, input: AliasAndKey) -> Result<Value, AwsError> {
    check_name(&input.alias_name)?;
    let key = target(turn, &input.target_key_id)?;
    let old = pointed_at(turn, &input.alias_name)?.ok_or_else(|| missing(&input.alias_name))?;
    if Key::find(turn, &old)?.is_some_and(|old| old.spec.usage() != key.spec.usage() || old.spec != key.spec) {
        return Err(AwsError::validation(format!(
            "Alias {} cannot be changed to a key of another type or usage",
            arn("kms", &input.alias_name)
        )));
    }
    turn.tx.execute(
        "UPDATE kms_alias SET key_id = ?2, updated = ?3 WHERE name = ?1",
        params![input.alias_name, key.id, turn.now],
    )?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteAlias {
    alias_name: String,
}

/// `DeleteAlias`.
pub(super) fn delete(turn: &Turn<'_>, input: DeleteAlias) -> Result<Value, AwsError> {
    check_name(&input.alias_name)?;
    if turn.tx.execute("DELETE FROM kms_alias WHERE name = ?1", [&input.alias_name])? == 0 {
        return Err(missing(&input.alias_name));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAliases {
    key_id: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

/// `ListAliases`, of all keys or of one.
pub(super) fn list(turn: &Turn<'_>, input: ListAliases) -> Result<Value, AwsError> {
    let limit = count("limit", input.limit, 50, 1..=100)?;
    let of_key = input.key_id.map(|id| key_without_alias(turn, &id)).transpose()?.map(|key| key.id);
    let mut query = turn.tx.prepare_cached(
        "SELECT name, key_id, created, updated FROM kms_alias WHERE ?1 IS NULL OR key_id = ?1 ORDER BY name",
    )?;
    let aliases: Vec<(String, String, i64, i64)> = query
        .query_map([of_key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    let (aliases, next) = page(aliases, limit, input.marker.as_deref(), |(name, ..)| name).map_err(|_| bad_marker())?;
    let aliases: Vec<Value> = aliases
        .iter()
        .map(|(name, key_id, created, updated)| {
            json!({
                "AliasName": name,
                "AliasArn": arn("kms", name),
                "TargetKeyId": key_id,
                "CreationDate": seconds(*created),
                "LastUpdatedDate": seconds(*updated),
            })
        })
        .collect();
    Ok(with_next(json!({ "Aliases": aliases }), next))
}

fn target(turn: &Turn<'_>, reference: &str) -> Result<Key, AwsError> {
    if reference.contains("alias/") {
        return Err(AwsError::validation("Aliases must refer to keys. Not aliases"));
    }
    let key = key_without_alias(turn, reference)?;
    key.must_not_be_pending_deletion()?;
    Ok(key)
}

fn pointed_at(turn: &Turn<'_>, name: &str) -> Result<Option<String>, AwsError> {
    let mut query = turn.tx.prepare_cached("SELECT key_id FROM kms_alias WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

fn check_name(name: &str) -> Result<(), AwsError> {
    length("aliasName", name.chars().count(), 1..=256)?;
    let Some(rest) = name.strip_prefix("alias/") else {
        return Err(AwsError::validation("Alias must start with the prefix \"alias/\"."));
    };
    if rest.starts_with("aws/") {
        return Err(AwsError::new("NotAuthorizedException", "Aliases that begin with alias/aws/ are reserved."));
    }
    if rest.is_empty() || !rest.chars().all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c)) {
        let message = "Alias contains invalid characters. Only alphanumeric characters, /, _ and - are allowed.";
        return Err(AwsError::new("InvalidAliasNameException", message));
    }
    Ok(())
}

fn missing(name: &str) -> AwsError {
    not_found(format!("Alias {} is not found.", arn("kms", name)))
}
