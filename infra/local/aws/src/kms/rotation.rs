//! Rotation: new material under the same key id, while everything sealed with the old stays readable.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    OnlyKey,
    key::Key,
    keys::{bad_marker, with_next},
    material,
    reference::key_without_alias,
    spec::Spec,
    unsupported,
};
use crate::{
    clock::{DAY_MILLIS, seconds},
    database::Turn,
    error::AwsError,
    paging::page,
    validation::{count, number, one_of},
};

const DEFAULT_PERIOD_DAYS: i64 = 365;
/// How often a key may be rotated by request in its life.
const MOST_ON_DEMAND: i64 = 25;
const BY_SCHEDULE: &str = "AUTOMATIC";
const BY_REQUEST: &str = "ON_DEMAND";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EnableKeyRotation {
    key_id: String,
    rotation_period_in_days: Option<i64>,
}

/// `EnableKeyRotation`.
pub(super) fn enable(turn: &Turn<'_>, input: EnableKeyRotation) -> Result<Value, AwsError> {
    let days = input.rotation_period_in_days.unwrap_or(DEFAULT_PERIOD_DAYS);
    number("rotationPeriodInDays", days, 90..=2_560)?;
    let mut key = rotatable(turn, &input.key_id)?;
    key.must_be_enabled()?;
    key.rotation_days = Some(days);
    key.next_rotation = Some(turn.now + days * DAY_MILLIS);
    key.save(turn)?;
    Ok(json!({}))
}

/// `DisableKeyRotation`.
pub(super) fn disable(turn: &Turn<'_>, input: OnlyKey) -> Result<Value, AwsError> {
    let mut key = rotatable(turn, &input.key_id)?;
    key.must_be_enabled()?;
    key.rotation_days = None;
    key.next_rotation = None;
    key.save(turn)?;
    Ok(json!({}))
}

/// `GetKeyRotationStatus`.
pub(super) fn status(turn: &Turn<'_>, input: OnlyKey) -> Result<Value, AwsError> {
    let key = rotatable(turn, &input.key_id)?;
    key.must_not_be_pending_deletion()?;
    let mut answer = json!({ "KeyId": key.arn(), "KeyRotationEnabled": key.rotation_days.is_some() });
    if let (Some(members), Some(days), Some(next)) = (answer.as_object_mut(), key.rotation_days, key.next_rotation) {
        members.insert("RotationPeriodInDays".to_owned(), json!(days));
        members.insert("NextRotationDate".to_owned(), json!(seconds(next)));
    }
    Ok(answer)
}

/// `RotateKeyOnDemand`. Done at once; the schedule stays as it is.
pub(super) fn rotate_now(turn: &Turn<'_>, input: OnlyKey) -> Result<Value, AwsError> {
    let key = rotatable(turn, &input.key_id)?;
    key.must_be_enabled()?;
    let so_far: i64 = turn.tx.query_row(
        "SELECT count(*) FROM kms_material WHERE key_id = ?1 AND rotation = ?2",
        [&key.id, BY_REQUEST],
        |row| row.get(0),
    )?;
    if so_far >= MOST_ON_DEMAND {
        let message = format!("{} has been rotated on demand {MOST_ON_DEMAND} times.", key.arn());
        return Err(AwsError::new("LimitExceededException", message));
    }
    let key = rotate(turn, key, BY_REQUEST)?;
    Ok(json!({ "KeyId": key.arn() }))
}

/// Rotates a key whose day has come; days that passed unseen count as one rotation.
pub(super) fn rotate_by_schedule(turn: &Turn<'_>, key: Key) -> Result<(), AwsError> {
    let mut key = rotate(turn, key, BY_SCHEDULE)?;
    key.next_rotation = key.rotation_days.map(|days| turn.now + days * DAY_MILLIS);
    key.save(turn)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListKeyRotations {
    key_id: String,
    include_key_material: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

/// `ListKeyRotations`: those done, or with `ALL_KEY_MATERIAL` the first material as well.
pub(super) fn list(turn: &Turn<'_>, input: ListKeyRotations) -> Result<Value, AwsError> {
    let limit = count("limit", input.limit, 100, 1..=1_000)?;
    let which = input.include_key_material.as_deref().unwrap_or("ROTATIONS_ONLY");
    let which = one_of("includeKeyMaterial", which, &["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"])?;
    let key = rotatable(turn, &input.key_id)?;
    key.must_not_be_pending_deletion()?;
    let mut query = turn.tx.prepare_cached(
        "SELECT printf('%020d', rowid), id, created, rotation FROM kms_material
         WHERE key_id = ?1 AND (?2 OR rotation IS NOT NULL) ORDER BY rowid",
    )?;
    let rows: Vec<(String, String, i64, Option<String>)> = query
        .query_map((&key.id, which == "ALL_KEY_MATERIAL"), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<_, _>>()?;
    let (rows, next) = page(rows, limit, input.marker.as_deref(), |(order, ..)| order).map_err(|_| bad_marker())?;
    let rotations: Vec<Value> = rows.iter().map(|(_, id, at, kind)| entry(&key, id, *at, kind.as_deref())).collect();
    Ok(with_next(json!({ "Rotations": rotations }), next))
}

fn entry(key: &Key, material: &str, at: i64, kind: Option<&str>) -> Value {
    let state = if key.material == material { "CURRENT" } else { "NON_CURRENT" };
    let mut entry = json!({ "KeyId": key.arn(), "KeyMaterialId": material, "KeyMaterialState": state });
    if let (Some(members), Some(kind)) = (entry.as_object_mut(), kind) {
        members.insert("RotationDate".to_owned(), json!(seconds(at)));
        members.insert("RotationType".to_owned(), json!(kind));
    }
    entry
}

fn rotate(turn: &Turn<'_>, mut key: Key, kind: &str) -> Result<Key, AwsError> {
    key.material = material::make(turn, &key.id, key.spec, Some(kind))?;
    key.save(turn)?;
    Ok(key)
}

/// Only symmetric encryption keys rotate.
fn rotatable(turn: &Turn<'_>, reference: &str) -> Result<Key, AwsError> {
    let key = key_without_alias(turn, reference)?;
    if key.spec != Spec::Symmetric {
        return Err(unsupported(format!("{} key spec is {} which does not rotate.", key.arn(), key.spec.name())));
    }
    Ok(key)
}
