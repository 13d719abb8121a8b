//! The KMS signer: an Ed25519 key that never leaves KMS.

use aws_sdk_kms::{
    primitives::Blob,
    types::{KeySpec, MessageType, SigningAlgorithmSpec},
};
use countersign_core::Subject;

use crate::{Vault, VaultError};

/// The tag that names whose key it is.
const OWNER_TAG: &str = "countersign:owner";
/// DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410, section 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A KMS key that may sign for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KmsSigningKey {
    /// Its ARN.
    pub arn: String,
    /// Its public half.
    pub public_key: [u8; 32],
}

impl Vault {
    /// Looks at a KMS key that a person wants to sign with.
    ///
    /// # Errors
    /// [`VaultError::NotForSigning`] where it is not an `ECC_NIST_EDWARDS25519` signing key, is tagged as another's, or is tagged as
    /// nobody's and that is not enough here.
    pub async fn kms_signing_key(&self, key_id: &str, subject: Subject) -> Result<KmsSigningKey, VaultError> {
        let answer = self.kms.get_public_key().key_id(key_id).send().await.map_err(|error| not_for_signing(&error))?;
        if answer.key_spec() != Some(&KeySpec::EccNistEdwards25519) {
            return Err(VaultError::NotForSigning("kms_key_id must name an ECC_NIST_EDWARDS25519 key"));
        }
        let der = answer.public_key.map(Blob::into_inner).unwrap_or_default();
        let public_key = der
            .strip_prefix(&SPKI_PREFIX)
            .and_then(|key| key.try_into().ok())
            .ok_or(VaultError::NotForSigning("kms_key_id has no Ed25519 public key"))?;
        let arn = answer.key_id.ok_or(VaultError::NotForSigning("kms_key_id has no ARN"))?;
        let tags =
            self.kms.list_resource_tags().key_id(&arn).send().await.map_err(|error| VaultError::from_sdk(&error))?;
        let owner = tags.tags().iter().find(|tag| tag.tag_key() == OWNER_TAG);
        match owner {
            Some(tag) if tag.tag_value() == subject.to_string() => {}
            None if !self.owner_required => {}
            // Whether it is another's or nobody's is told to nobody.
            _ => return Err(VaultError::NotForSigning("kms_key_id is not this person's key")),
        }
        Ok(KmsSigningKey { arn, public_key })
    }

    /// Signs with a KMS key. Ed25519 in KMS takes the message itself: `ED25519_SHA_512` with `MessageType: RAW`.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] where KMS does not sign.
    pub async fn kms_sign(&self, arn: &str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        let answer = self
            .kms
            .sign()
            .key_id(arn)
            .message(Blob::new(message))
            .message_type(MessageType::Raw)
            .signing_algorithm(SigningAlgorithmSpec::Ed25519Sha512)
            .send()
            .await
            .map_err(|error| VaultError::from_sdk(&error))?;
        let signature = answer.signature.map(Blob::into_inner).unwrap_or_default();
        signature.try_into().map_err(|_| VaultError::Unavailable("KMS gave a signature of another size".into()))
    }
}

/// A key that is not there, or that is of no use, is the caller's mistake; anything else is KMS not being there.
fn not_for_signing<E, R>(error: &aws_sdk_kms::error::SdkError<E, R>) -> VaultError
where
    E: aws_sdk_kms::error::ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    use aws_sdk_kms::error::ProvideErrorMetadata as _;
    match error.code() {
        Some(
            "NotFoundException"
            | "InvalidArnException"
            | "ValidationException"
            | "InvalidKeyUsageException"
            | "UnsupportedOperationException"
            | "DisabledException"
            | "KMSInvalidStateException"
            | "AccessDeniedException",
        ) => VaultError::NotForSigning("kms_key_id names no key that may sign here"),
        _ => VaultError::from_sdk(error),
    }
}
