//! Encrypt, Decrypt and ReEncrypt with a symmetric key.

use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    blob::{self, Blob, Context, invalid_ciphertext},
    key::{Key, invalid_usage},
    material, reference,
    spec::Spec,
};
use crate::{
    database::Turn,
    error::AwsError,
    validation::{length, one_of},
    wire::{self, base64},
};

const ALGORITHM: &str = "SYMMETRIC_DEFAULT";
const ENCRYPTION_ALGORITHMS: [&str; 4] = [ALGORITHM, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];
/// The longest plaintext, in bytes.
const PLAINTEXT_BYTES: usize = 4_096;
/// The longest blob, in bytes.
const BLOB_BYTES: usize = 6_144;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Encrypt {
    key_id: String,
    plaintext: wire::Blob,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
}

/// `Encrypt`.
pub(super) fn encrypt(turn: &Turn<'_>, input: Encrypt) -> Result<Value, AwsError> {
    length("plaintext", input.plaintext.bytes().len(), 1..=PLAINTEXT_BYTES)?;
    check_algorithm(input.encryption_algorithm.as_deref())?;
    let key = reference::key(turn, &input.key_id)?;
    let sealed = seal(turn, &key, "Encrypt", &input.encryption_context, input.plaintext.bytes())?;
    Ok(json!({ "CiphertextBlob": base64(&sealed), "KeyId": key.arn(), "EncryptionAlgorithm": ALGORITHM }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Decrypt {
    ciphertext_blob: wire::Blob,
    #[serde(default)]
    encryption_context: Context,
    key_id: Option<String>,
    encryption_algorithm: Option<String>,
}

/// `Decrypt`: the blob names its key; a key id in the request must name the same.
pub(super) fn decrypt(turn: &Turn<'_>, input: Decrypt) -> Result<Value, AwsError> {
    check_algorithm(input.encryption_algorithm.as_deref())?;
    let bytes = input.ciphertext_blob.bytes();
    let opened = open(turn, "Decrypt", bytes, input.key_id.as_deref(), &input.encryption_context)?;
    Ok(json!({
        "KeyId": opened.key.arn(),
        "Plaintext": base64(&opened.plaintext),
        "EncryptionAlgorithm": ALGORITHM,
        "KeyMaterialId": opened.material_id,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReEncrypt {
    ciphertext_blob: wire::Blob,
    #[serde(default)]
    source_encryption_context: Context,
    source_key_id: Option<String>,
    source_encryption_algorithm: Option<String>,
    destination_key_id: String,
    #[serde(default)]
    destination_encryption_context: Context,
    destination_encryption_algorithm: Option<String>,
}

/// `ReEncrypt`.
pub(super) fn re_encrypt(turn: &Turn<'_>, input: ReEncrypt) -> Result<Value, AwsError> {
    check_algorithm(input.source_encryption_algorithm.as_deref())?;
    check_algorithm(input.destination_encryption_algorithm.as_deref())?;
    let (bytes, source_id) = (input.ciphertext_blob.bytes(), input.source_key_id.as_deref());
    let opened = open(turn, "ReEncrypt", bytes, source_id, &input.source_encryption_context)?;
    let key = reference::key(turn, &input.destination_key_id)?;
    let sealed = seal(turn, &key, "ReEncrypt", &input.destination_encryption_context, &opened.plaintext)?;
    Ok(json!({
        "CiphertextBlob": base64(&sealed),
        "SourceKeyId": opened.key.arn(),
        "KeyId": key.arn(),
        "SourceEncryptionAlgorithm": ALGORITHM,
        "DestinationEncryptionAlgorithm": ALGORITHM,
        "SourceKeyMaterialId": opened.material_id,
        "DestinationKeyMaterialId": key.material,
    }))
}

/// Seals with a key's current material, if the key may do that now.
pub(super) fn seal(
    turn: &Turn<'_>,
    key: &Key,
    operation: &str,
    context: &Context,
    plaintext: &[u8],
) -> Result<Vec<u8>, AwsError> {
    key.must_be_enabled()?;
    key.must_be_for(Spec::Symmetric.usage(), operation)?;
    blob::seal(&key.id, &key.material, &material::current(turn, key)?, context, plaintext)
}

struct Opened {
    key: Key,
    material_id: String,
    plaintext: Zeroizing<Vec<u8>>,
}

fn open(
    turn: &Turn<'_>,
    operation: &str,
    bytes: &[u8],
    asked: Option<&str>,
    context: &Context,
) -> Result<Opened, AwsError> {
    length("ciphertextBlob", bytes.len(), 1..=BLOB_BYTES)?;
    let asked = asked.map(|reference| reference::key(turn, reference)).transpose()?;
    if let Some(asked) = &asked {
        asked.must_be_for(Spec::Symmetric.usage(), operation)?;
    }
    let blob = Blob::read(bytes)?;
    let key = Key::find(turn, &blob.key_id)?.ok_or_else(invalid_ciphertext)?;
    if asked.is_some_and(|asked| asked.id != key.id) {
        let message = "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(AwsError::new("IncorrectKeyException", message));
    }
    key.must_be_enabled()?;
    let secret = material::named(turn, &key, &blob.material_id)?.ok_or_else(invalid_ciphertext)?;
    let plaintext = blob.open(&secret, context)?;
    Ok(Opened { key, material_id: blob.material_id, plaintext })
}

fn check_algorithm(asked: Option<&str>) -> Result<(), AwsError> {
    match one_of("encryptionAlgorithm", asked.unwrap_or(ALGORITHM), &ENCRYPTION_ALGORITHMS)? {
        ALGORITHM => Ok(()),
        other => Err(invalid_usage(format!("Algorithm {other} is incompatible with key spec {ALGORITHM}."))),
    }
}
