//! What can go wrong in the vault. One generic error for whatever does not open: it must not tell why.

use aws_sdk_kms::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use countersign_core::Refusal;

/// Why the vault did not do it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A ciphertext that does not open in this context: tampered, moved, truncated or of another key.
    #[error("the sealed secret does not open")]
    Sealed,
    /// KMS cannot be reached, throttles, or its key is disabled.
    #[error("KMS is not available: {0}")]
    Unavailable(String),
    /// What was given is not a key of the form that is needed.
    #[error("{0}")]
    NotAKey(&'static str),
    /// The KMS key is not one that may sign for this person.
    #[error("{0}")]
    NotForSigning(&'static str),
}

impl VaultError {
    /// Of two failures the one that says more: that a key does not answer, before that it is not the one.
    pub(crate) fn or(self, other: Self) -> Self {
        if matches!(self, Self::Sealed) { other } else { self }
    }

    /// A failed `Decrypt`: what says that the ciphertext is wrong becomes the one generic error.
    pub(crate) fn from_decrypt<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        match error.code() {
            Some(
                "InvalidCiphertextException"
                | "IncorrectKeyException"
                | "NotFoundException"
                | "ValidationException"
                | "InvalidKeyUsageException",
            ) => Self::Sealed,
            _ => Self::from_sdk(error),
        }
    }

    /// Any other failure: KMS's own code, never the request.
    pub(crate) fn from_sdk<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        match error.code() {
            Some(code) => Self::Unavailable(code.to_owned()),
            None => Self::Unavailable(DisplayErrorContext(error).to_string().chars().take(200).collect()),
        }
    }
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        match &error {
            VaultError::Sealed => Refusal::internal(error.to_string()),
            VaultError::Unavailable(_) => Refusal::unavailable(error.to_string()),
            VaultError::NotAKey(public) | VaultError::NotForSigning(public) => Refusal::invalid(*public),
        }
    }
}
