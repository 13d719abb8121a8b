//! Tags on keys.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    key::Key,
    keys::{bad_marker, with_next},
    reference::key_without_alias,
};
use crate::{database::Turn, error::AwsError, paging::page, validation::count};

/// How many tags a key may have.
const MOST_TAGS: i64 = 50;

/// One tag.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    tag_key: String,
    tag_value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagResource {
    key_id: String,
    tags: Vec<Tag>,
}

/// `TagResource`.
pub(super) fn add(turn: &Turn<'_>, input: TagResource) -> Result<Value, AwsError> {
    let key = key_without_alias(turn, &input.key_id)?;
    key.must_not_be_pending_deletion()?;
    put(turn, &key, input.tags)?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagResource {
    key_id: String,
    tag_keys: Vec<String>,
}

/// `UntagResource`.
pub(super) fn remove(turn: &Turn<'_>, input: UntagResource) -> Result<Value, AwsError> {
    let key = key_without_alias(turn, &input.key_id)?;
    key.must_not_be_pending_deletion()?;
    for name in input.tag_keys {
        turn.tx.execute("DELETE FROM kms_tag WHERE key_id = ?1 AND name = ?2", [&key.id, &name])?;
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListResourceTags {
    key_id: String,
    limit: Option<i64>,
    marker: Option<String>,
}

/// `ListResourceTags`.
pub(super) fn list(turn: &Turn<'_>, input: ListResourceTags) -> Result<Value, AwsError> {
    let limit = count("limit", input.limit, 50, 1..=50)?;
    let key = key_without_alias(turn, &input.key_id)?;
    let mut query = turn.tx.prepare_cached("SELECT name, value FROM kms_tag WHERE key_id = ?1 ORDER BY name")?;
    let tags: Vec<Tag> = query
        .query_map([&key.id], |row| Ok(Tag { tag_key: row.get(0)?, tag_value: row.get(1)? }))?
        .collect::<Result<_, _>>()?;
    let (tags, next) = page(tags, limit, input.marker.as_deref(), |tag| &tag.tag_key).map_err(|_| bad_marker())?;
    Ok(with_next(json!({ "Tags": tags }), next))
}

/// Writes tags over those of the same name.
///
/// # Errors
/// `TagException` for a name or value that may not be, `LimitExceededException` for too many.
pub(super) fn put(turn: &Turn<'_>, key: &Key, tags: Vec<Tag>) -> Result<(), AwsError> {
    for tag in tags {
        let (name, value) = (tag.tag_key.chars().count(), tag.tag_value.chars().count());
        if !(1..=128).contains(&name) || value > 256 || tag.tag_key.starts_with("aws:") {
            return Err(AwsError::new("TagException", "A tag key or value is not valid."));
        }
        turn.tx.execute(
            "INSERT INTO kms_tag (key_id, name, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (key_id, name) DO UPDATE SET value = ?3",
            params![key.id, tag.tag_key, tag.tag_value],
        )?;
    }
    let total: i64 =
        turn.tx.query_row("SELECT count(*) FROM kms_tag WHERE key_id = ?1", [&key.id], |row| row.get(0))?;
    if total > MOST_TAGS {
        return Err(AwsError::new("LimitExceededException", "A key has at most 50 tags."));
    }
    Ok(())
}
