//! GetPublicKey: the public half as a DER SubjectPublicKeyInfo.

use serde_json::{Value, json};

use super::{OnlyKey, material, reference, signing, spec::Spec, unsupported};
use crate::{database::Turn, error::AwsError, wire::base64};

/// RFC 8410, section 4: all of an Ed25519 SubjectPublicKeyInfo before the key's 32 bytes.
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// RFC 5480, section 2: all of a P-256 SubjectPublicKeyInfo before the uncompressed point's 65 bytes.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// `GetPublicKey`.
pub(super) fn get(turn: &Turn<'_>, input: OnlyKey) -> Result<Value, AwsError> {
    let key = reference::key(turn, &input.key_id)?;
    let prefix: &[u8] = match key.spec {
        Spec::Ed25519 => &ED25519_PREFIX,
        Spec::P256 => &P256_PREFIX,
        Spec::Symmetric | Spec::Hmac256 => {
            return Err(unsupported(format!("{} has no public key.", key.arn())));
        }
    };
    key.must_be_enabled()?;
    let public = signing::public_key(&material::current(turn, &key)?, key.spec)?;
    Ok(json!({
        "KeyId": key.arn(),
        "PublicKey": base64(&[prefix, &public].concat()),
        "CustomerMasterKeySpec": key.spec.name(),
        "KeySpec": key.spec.name(),
        "KeyUsage": key.spec.usage(),
        "SigningAlgorithms": key.spec.algorithms().1,
    }))
}
