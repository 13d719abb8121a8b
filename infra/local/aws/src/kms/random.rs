//! Random bytes on request.

use serde::Deserialize;
use serde_json::{Value, json};

use super::material::random;
use crate::{
    error::AwsError,
    validation::{count, required},
    wire::base64,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateRandom {
    number_of_bytes: Option<i64>,
}

/// `GenerateRandom`: 1 to 1024 bytes.
pub(super) fn generate(input: GenerateRandom) -> Result<Value, AwsError> {
    let bytes = required("numberOfBytes", input.number_of_bytes)?;
    let bytes = random(count("numberOfBytes", Some(bytes), 0, 1..=1_024)?)?;
    Ok(json!({ "Plaintext": base64(&bytes) }))
}
