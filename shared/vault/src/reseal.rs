//! A secret under another KMS key: KMS wraps its data key anew, and nothing of it is in the clear in this process.

use aws_sdk_kms::{
    error::{ProvideErrorMetadata as _, SdkError},
    operation::re_encrypt::{ReEncryptError, ReEncryptOutput},
    primitives::Blob,
};
use countersign_core::{SealContext, Sealed};

use crate::{Vault, VaultError, format, seal::encryption_context};

/// Under which KMS key a secret is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedUnder {
    /// The ARN of that key, as KMS says it.
    pub key_arn: String,
    /// Whether it is the one that this vault seals under.
    pub is_current: bool,
}

impl Vault {
    /// The same vault, which opens as well what was sealed under these keys (ids, ARNs or aliases) before; it seals under its
    /// own key alone.
    #[must_use]
    pub fn with_previous_keys(self, ids: impl IntoIterator<Item = String>) -> Self {
        Self { previous_key_ids: ids.into_iter().collect(), ..self }
    }

    /// Wraps the data key of a sealed secret anew, under this vault's key and in the same context; none where it is under that
    /// key already. Only what is under one of this vault's keys is taken: whoever can write to the table cannot have a secret
    /// of their own making wrapped under ours.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] where it is of another context or under a key that this vault was not given,
    /// [`VaultError::Unavailable`] where KMS does not do it.
    pub async fn reseal(&self, context: &SealContext, sealed: &Sealed) -> Result<Option<Sealed>, VaultError> {
        let parts = format::parts(sealed)?;
        let mut refused = match self.re_encrypt(context, parts.wrapped_key, Some(&self.sealing_key_id)).await {
            Ok(_) => return Ok(None),
            Err(error) if error.code() == Some(INCORRECT_KEY) => VaultError::Sealed,
            Err(error) => return Err(VaultError::from_decrypt(&error)),
        };
        for id in &self.previous_key_ids {
            match self.re_encrypt(context, parts.wrapped_key, Some(id)).await {
                Ok(answer) => {
                    let wrapped = answer.ciphertext_blob.ok_or_else(|| unavailable("an answer without a key"))?;
                    return format::rewrapped(&parts, wrapped.as_ref()).map(Some);
                }
                Err(error) => refused = refused.or(VaultError::from_decrypt(&error)),
            }
        }
        Err(refused)
    }

    /// Under which KMS key a secret is sealed: asked of KMS, which wraps the data key anew to say it; that is thrown away.
    ///
    /// # Errors
    /// As [`Vault::reseal`]; a key that this vault was not given is named where KMS lets us use it.
    pub async fn sealed_under(&self, context: &SealContext, sealed: &Sealed) -> Result<SealedUnder, VaultError> {
        let parts = format::parts(sealed)?;
        let answer = self.re_encrypt(context, parts.wrapped_key, None).await;
        let answer = answer.map_err(|error| VaultError::from_decrypt(&error))?;
        let key_arn = answer.source_key_id.ok_or_else(|| unavailable("an answer without its key"))?;
        let is_current = answer.key_id.as_deref() == Some(key_arn.as_str());
        Ok(SealedUnder { key_arn, is_current })
    }

    async fn re_encrypt(
        &self,
        context: &SealContext,
        wrapped_key: &[u8],
        from: Option<&str>,
    ) -> Result<ReEncryptOutput, SdkError<ReEncryptError>> {
        let context = encryption_context(context);
        self.kms
            .re_encrypt()
            .ciphertext_blob(Blob::new(wrapped_key))
            .set_source_key_id(from.map(str::to_owned))
            .set_source_encryption_context(Some(context.clone()))
            .destination_key_id(&self.sealing_key_id)
            .set_destination_encryption_context(Some(context))
            .send()
            .await
    }
}

/// What KMS says of a blob that another key has wrapped.
pub(crate) const INCORRECT_KEY: &str = "IncorrectKeyException";

fn unavailable(what: &str) -> VaultError {
    VaultError::Unavailable(what.to_owned())
}
