//! KMS: keys that are never shown, used as AWS documents it. Each operation is one function in the file of its topic.

mod aliases;
mod blob;
mod data_keys;
mod key;
mod keys;
mod lifecycle;
mod macs;
mod material;
mod public_keys;
mod random;
mod reference;
mod rotation;
mod signing;
mod spec;
mod symmetric;
mod tags;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use crate::{
    database::{Store, Turn},
    error::AwsError,
    wire::parse,
};

/// Members that any operation may carry.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Everywhere {
    dry_run: Option<bool>,
    recipient: Option<IgnoredAny>,
}

/// Answers one operation.
pub(crate) fn call(store: &Store, operation: &str, body: &[u8]) -> Result<Value, AwsError> {
    let everywhere: Everywhere = parse(body)?;
    if everywhere.recipient.is_some() {
        return Err(AwsError::new("UnsupportedOperationException", "Attestation documents are not supported."));
    }
    store.turn(|turn| {
        lifecycle::settle(turn)?;
        let answer = key_operation(turn, operation, body).or_else(|| use_of_key(turn, operation, body));
        let answer = answer.unwrap_or_else(|| Err(AwsError::unknown_operation()))?;
        if everywhere.dry_run == Some(true) {
            let message = "The request would have succeeded, but the DryRun option is set.";
            return Err(AwsError::new("DryRunOperationException", message));
        }
        Ok(answer)
    })
}

/// Operations on keys themselves.
fn key_operation(turn: &Turn<'_>, operation: &str, body: &[u8]) -> Option<Result<Value, AwsError>> {
    Some(match operation {
        "CreateKey" => parse(body).and_then(|input| keys::create(turn, input)),
        "DescribeKey" => parse(body).and_then(|input| keys::describe(turn, input)),
        "ListKeys" => parse(body).and_then(|input| keys::list(turn, input)),
        "CreateAlias" => parse(body).and_then(|input| aliases::create(turn, input)),
        "UpdateAlias" => parse(body).and_then(|input| aliases::update(turn, input)),
        "DeleteAlias" => parse(body).and_then(|input| aliases::delete(turn, input)),
        "ListAliases" => parse(body).and_then(|input| aliases::list(turn, input)),
        "TagResource" => parse(body).and_then(|input| tags::add(turn, input)),
        "UntagResource" => parse(body).and_then(|input| tags::remove(turn, input)),
        "ListResourceTags" => parse(body).and_then(|input| tags::list(turn, input)),
        "EnableKey" => parse(body).and_then(|input| lifecycle::enable(turn, input)),
        "DisableKey" => parse(body).and_then(|input| lifecycle::disable(turn, input)),
        "ScheduleKeyDeletion" => parse(body).and_then(|input| lifecycle::schedule_deletion(turn, input)),
        "CancelKeyDeletion" => parse(body).and_then(|input| lifecycle::cancel_deletion(turn, input)),
        "EnableKeyRotation" => parse(body).and_then(|input| rotation::enable(turn, input)),
        "DisableKeyRotation" => parse(body).and_then(|input| rotation::disable(turn, input)),
        "GetKeyRotationStatus" => parse(body).and_then(|input| rotation::status(turn, input)),
        "RotateKeyOnDemand" => parse(body).and_then(|input| rotation::rotate_now(turn, input)),
        "ListKeyRotations" => parse(body).and_then(|input| rotation::list(turn, input)),
        _ => return None,
    })
}

/// Operations with a key.
fn use_of_key(turn: &Turn<'_>, operation: &str, body: &[u8]) -> Option<Result<Value, AwsError>> {
    Some(match operation {
        "Encrypt" => parse(body).and_then(|input| symmetric::encrypt(turn, input)),
        "Decrypt" => parse(body).and_then(|input| symmetric::decrypt(turn, input)),
        "ReEncrypt" => parse(body).and_then(|input| symmetric::re_encrypt(turn, input)),
        "GenerateDataKey" => parse(body).and_then(|input| data_keys::generate(turn, input)),
        "GenerateDataKeyWithoutPlaintext" => parse(body).and_then(|input| data_keys::generate_sealed(turn, input)),
        "GenerateRandom" => parse(body).and_then(random::generate),
        "Sign" => parse(body).and_then(|input| signing::sign(turn, input)),
        "Verify" => parse(body).and_then(|input| signing::verify(turn, input)),
        "GetPublicKey" => parse(body).and_then(|input| public_keys::get(turn, input)),
        "GenerateMac" => parse(body).and_then(|input| macs::generate(turn, input)),
        "VerifyMac" => parse(body).and_then(|input| macs::verify(turn, input)),
        _ => return None,
    })
}

/// Names a key and nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnlyKey {
    key_id: String,
}

/// `UnsupportedOperationException`.
fn unsupported(message: impl Into<String>) -> AwsError {
    AwsError::new("UnsupportedOperationException", message)
}
