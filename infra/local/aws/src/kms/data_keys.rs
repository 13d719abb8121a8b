//! Data keys: random bytes, in the clear and sealed under a key.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    blob::Context,
    key::Key,
    material::{Secret, random},
    reference, symmetric,
};
use crate::{
    database::Turn,
    error::AwsError,
    validation::{count, one_of},
    wire::base64,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateDataKey {
    key_id: String,
    key_spec: Option<String>,
    number_of_bytes: Option<i64>,
    #[serde(default)]
    encryption_context: Context,
}

/// `GenerateDataKey`.
pub(super) fn generate(turn: &Turn<'_>, input: GenerateDataKey) -> Result<Value, AwsError> {
    let (key, plaintext, sealed) = make(turn, &input, "GenerateDataKey")?;
    Ok(json!({
        "CiphertextBlob": base64(&sealed),
        "Plaintext": base64(&plaintext),
        "KeyId": key.arn(),
        "KeyMaterialId": key.material,
    }))
}

/// `GenerateDataKeyWithoutPlaintext`.
pub(super) fn generate_sealed(turn: &Turn<'_>, input: GenerateDataKey) -> Result<Value, AwsError> {
    let (key, _, sealed) = make(turn, &input, "GenerateDataKeyWithoutPlaintext")?;
    Ok(json!({ "CiphertextBlob": base64(&sealed), "KeyId": key.arn(), "KeyMaterialId": key.material }))
}

fn make(turn: &Turn<'_>, input: &GenerateDataKey, operation: &str) -> Result<(Key, Secret, Vec<u8>), AwsError> {
    let size = size(input)?;
    let key = reference::key(turn, &input.key_id)?;
    let plaintext = random(size)?;
    let sealed = symmetric::seal(turn, &key, operation, &input.encryption_context, &plaintext)?;
    Ok((key, plaintext, sealed))
}

fn size(input: &GenerateDataKey) -> Result<usize, AwsError> {
    match (input.key_spec.as_deref(), input.number_of_bytes) {
        (Some(spec), None) => match one_of("keySpec", spec, &["AES_256", "AES_128"])? {
            "AES_128" => Ok(16),
            _ => Ok(32),
        },
        (None, Some(bytes)) => count("numberOfBytes", Some(bytes), 0, 1..=1_024),
        _ => Err(AwsError::validation("Please specify either number of bytes or key spec.")),
    }
}
