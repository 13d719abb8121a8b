//! GenerateMac and VerifyMac with HMAC-SHA-256 keys.

use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{key::Key, material, reference, spec::Spec};
use crate::{
    database::Turn,
    error::AwsError,
    validation::{length, one_of},
    wire::{Blob, base64},
};

const MAC_ALGORITHMS: [&str; 4] = ["HMAC_SHA_256", "HMAC_SHA_224", "HMAC_SHA_384", "HMAC_SHA_512"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateMac {
    key_id: String,
    message: Blob,
    mac_algorithm: String,
}

/// `GenerateMac`.
pub(super) fn generate(turn: &Turn<'_>, input: GenerateMac) -> Result<Value, AwsError> {
    let message = input.message.bytes();
    let (key, secret) = prepare(turn, &input.key_id, &input.mac_algorithm, message, "GenerateMac")?;
    let mac = hmac::sign(&secret, message);
    Ok(json!({ "KeyId": key.arn(), "Mac": base64(mac.as_ref()), "MacAlgorithm": input.mac_algorithm }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VerifyMac {
    key_id: String,
    message: Blob,
    mac: Blob,
    mac_algorithm: String,
}

/// `VerifyMac`: a code that does not fit is an exception, never `false`.
pub(super) fn verify(turn: &Turn<'_>, input: VerifyMac) -> Result<Value, AwsError> {
    length("mac", input.mac.bytes().len(), 1..=6_144)?;
    let message = input.message.bytes();
    let (key, secret) = prepare(turn, &input.key_id, &input.mac_algorithm, message, "VerifyMac")?;
    hmac::verify(&secret, message, input.mac.bytes()).map_err(|_| AwsError::new("KMSInvalidMacException", ""))?;
    Ok(json!({ "KeyId": key.arn(), "MacValid": true, "MacAlgorithm": input.mac_algorithm }))
}

fn prepare(
    turn: &Turn<'_>,
    key_id: &str,
    algorithm: &str,
    message: &[u8],
    operation: &str,
) -> Result<(Key, hmac::Key), AwsError> {
    length("message", message.len(), 1..=4_096)?;
    let algorithm = one_of("macAlgorithm", algorithm, &MAC_ALGORITHMS)?;
    let key = reference::key(turn, key_id)?;
    key.must_be_enabled()?;
    key.must_be_for(Spec::Hmac256.usage(), operation)?;
    key.must_know(algorithm)?;
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &material::current(turn, &key)?);
    Ok((key, secret))
}
