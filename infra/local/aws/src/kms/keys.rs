//! Making, describing and listing keys.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    OnlyKey,
    key::{Key, State},
    material, reference,
    spec::Spec,
    tags::{self, Tag},
    unsupported,
};
use crate::{
    database::Turn,
    error::AwsError,
    paging::page,
    validation::{count, length},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateKey {
    key_spec: Option<String>,
    customer_master_key_spec: Option<String>,
    key_usage: Option<String>,
    description: Option<String>,
    origin: Option<String>,
    multi_region: Option<bool>,
    custom_key_store_id: Option<IgnoredAny>,
    tags: Option<Vec<Tag>>,
}

/// `CreateKey`. A policy is accepted and has no effect.
pub(super) fn create(turn: &Turn<'_>, input: CreateKey) -> Result<Value, AwsError> {
    let native = input.origin.as_deref().is_none_or(|origin| origin == "AWS_KMS");
    if !native || input.multi_region == Some(true) || input.custom_key_store_id.is_some() {
        return Err(unsupported("Only single-Region keys with KMS's own material are supported."));
    }
    let spec = input.key_spec.or(input.customer_master_key_spec);
    let spec = Spec::parse(spec.as_deref().unwrap_or("SYMMETRIC_DEFAULT"))?;
    spec.check_usage(input.key_usage.as_deref())?;
    let description = input.description.unwrap_or_default();
    length("description", description.chars().count(), 0..=8_192)?;
    let mut key = Key {
        id: Uuid::new_v4().to_string(),
        spec,
        description,
        state: State::Enabled,
        created: turn.now,
        deletion_at: None,
        window_days: None,
        rotation_days: None,
        next_rotation: None,
        material: String::new(),
    };
    key.save(turn)?;
    key.material = material::make(turn, &key.id, spec, None)?;
    key.save(turn)?;
    tags::put(turn, &key, input.tags.unwrap_or_default())?;
    Ok(json!({ "KeyMetadata": key.metadata() }))
}

/// `DescribeKey`: in every state, also by alias.
pub(super) fn describe(turn: &Turn<'_>, input: OnlyKey) -> Result<Value, AwsError> {
    let key = reference::key(turn, &input.key_id)?;
    Ok(json!({ "KeyMetadata": key.metadata() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListKeys {
    limit: Option<i64>,
    marker: Option<String>,
}

/// `ListKeys`.
pub(super) fn list(turn: &Turn<'_>, input: ListKeys) -> Result<Value, AwsError> {
    let limit = count("limit", input.limit, 100, 1..=1_000)?;
    let (keys, next) =
        page(Key::all(turn)?, limit, input.marker.as_deref(), |key| &key.id).map_err(|_| bad_marker())?;
    let keys: Vec<Value> = keys.iter().map(|key| json!({ "KeyId": key.id, "KeyArn": key.arn() })).collect();
    Ok(with_next(json!({ "Keys": keys }), next))
}

/// Adds `Truncated` and, where there is more, `NextMarker`.
pub(super) fn with_next(mut answer: Value, next: Option<String>) -> Value {
    if let Some(members) = answer.as_object_mut() {
        members.insert("Truncated".to_owned(), json!(next.is_some()));
        if let Some(next) = next {
            members.insert("NextMarker".to_owned(), json!(next));
        }
    }
    answer
}

/// `InvalidMarkerException`.
pub(super) fn bad_marker() -> AwsError {
    AwsError::new("InvalidMarkerException", "Invalid marker.")
}
