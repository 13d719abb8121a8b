//! Creating secrets and giving them new values.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};

use super::{
    invalid_parameter, invalid_request,
    record::{Record, Tag},
    versions::{self, CURRENT, SecretText, SecretValue},
};
use crate::{database::Turn, error::AwsError, validation::length, wire::Blob};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateSecret {
    name: String,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_string: Option<SecretText>,
    secret_binary: Option<Blob>,
    tags: Option<Vec<Tag>>,
    add_replica_regions: Option<IgnoredAny>,
}

/// `CreateSecret`. The same call with the same token again answers the same.
pub(super) fn create(turn: &Turn<'_>, input: CreateSecret) -> Result<Value, AwsError> {
    check_name(&input.name)?;
    if input.add_replica_regions.is_some() {
        return Err(invalid_parameter("Replicas in other Regions are not supported."));
    }
    let value = versions::given(input.secret_string, input.secret_binary.as_ref())?;
    let version = value.as_ref().map(|_| token(input.client_request_token.as_deref())).transpose()?;
    let new = Record {
        name: input.name,
        suffix: suffix()?,
        description: input.description,
        kms_key_id: input.kms_key_id,
        tags: input.tags.unwrap_or_default(),
        created: turn.now,
        changed: turn.now,
        accessed: None,
        deletion_at: None,
    };
    if let Some(existing) = Record::named(turn, &new.name)? {
        return already_there(turn, &existing, version, value.as_ref());
    }
    new.save(turn)?;
    if let (Some(value), Some(version)) = (&value, version) {
        versions::add(turn, &new, version, value, &[CURRENT.to_owned()])?;
    }
    Ok(created(&new, version))
}

fn already_there(
    turn: &Turn<'_>,
    existing: &Record,
    version: Option<&str>,
    value: Option<&SecretValue>,
) -> Result<Value, AwsError> {
    if existing.deletion_at.is_some() {
        return Err(invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        ));
    }
    if let (Some(id), Some(value)) = (version, value)
        && versions::value(turn, existing, id)?.is_some_and(|(old, _)| old == *value)
    {
        return Ok(created(existing, version));
    }
    let message = format!("The operation failed because the secret {} already exists.", existing.name);
    Err(AwsError::new("ResourceExistsException", message))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutSecretValue {
    secret_id: String,
    client_request_token: Option<String>,
    secret_string: Option<SecretText>,
    secret_binary: Option<Blob>,
    version_stages: Option<Vec<String>>,
}

/// `PutSecretValue`.
pub(super) fn put_value(turn: &Turn<'_>, input: PutSecretValue) -> Result<Value, AwsError> {
    let labels = input.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
    length("versionStages", labels.len(), 1..=20)?;
    let value = versions::given(input.secret_string, input.secret_binary.as_ref())?
        .ok_or_else(|| invalid_request("You must provide either SecretString or SecretBinary."))?;
    let version = token(input.client_request_token.as_deref())?;
    let mut record = Record::find_live(turn, &input.secret_id)?;
    versions::add(turn, &record, version, &value, &labels)?;
    record.changed = turn.now;
    record.save(turn)?;
    let stages = versions::stages(turn, &record)?.remove(version).unwrap_or_default();
    Ok(json!({ "ARN": record.arn(), "Name": record.name, "VersionId": version, "VersionStages": stages }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSecret {
    secret_id: String,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_string: Option<SecretText>,
    secret_binary: Option<Blob>,
}

/// `UpdateSecret`: its description, its key, and with a value a new current version.
pub(super) fn update(turn: &Turn<'_>, input: UpdateSecret) -> Result<Value, AwsError> {
    let value = versions::given(input.secret_string, input.secret_binary.as_ref())?;
    let version = value.as_ref().map(|_| token(input.client_request_token.as_deref())).transpose()?;
    let mut record = Record::find_live(turn, &input.secret_id)?;
    record.description = input.description.or(record.description);
    record.kms_key_id = input.kms_key_id.or(record.kms_key_id);
    record.changed = turn.now;
    record.save(turn)?;
    if let (Some(value), Some(version)) = (&value, version) {
        versions::add(turn, &record, version, value, &[CURRENT.to_owned()])?;
    }
    Ok(created(&record, version))
}

fn created(record: &Record, version: Option<&str>) -> Value {
    let mut answer = json!({ "ARN": record.arn(), "Name": record.name });
    if let (Some(members), Some(version)) = (answer.as_object_mut(), version) {
        members.insert("VersionId".to_owned(), json!(version));
    }
    answer
}

/// The token becomes the version's id, so a repeated request finds its own version.
fn token(given: Option<&str>) -> Result<&str, AwsError> {
    let token = given.ok_or_else(|| {
        invalid_request("You must provide a ClientRequestToken value. We recommend a UUID-type value.")
    })?;
    if (32..=64).contains(&token.chars().count()) {
        return Ok(token);
    }
    Err(invalid_parameter("ClientRequestToken must be 32-64 characters long."))
}

fn check_name(name: &str) -> Result<(), AwsError> {
    length("name", name.chars().count(), 1..=512)?;
    if name.chars().all(|c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c)) {
        return Ok(());
    }
    Err(AwsError::validation(
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@",
    ))
}

/// Six random characters that end the ARN.
fn suffix() -> Result<String, AwsError> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ab";
    let mut bytes = [0_u8; 6];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| AwsError::internal())?;
    Ok(bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 64))).map(|letter| char::from(*letter)).collect())
}
