//! Seal: a fresh data key from KMS for every secret, and the opening that only signing and stamping use.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_kms::{
    error::{ProvideErrorMetadata as _, SdkError},
    operation::decrypt::{DecryptError, DecryptOutput},
    primitives::Blob,
    types::DataKeySpec,
};
use countersign_core::{Purpose, SealContext, Sealed, Secret};
use ed25519_dalek::SigningKey;

use crate::{Vault, VaultError, cache, clean_stack::clean_stack, format, reseal::INCORRECT_KEY};

/// A data key fetched for one secret. Fetch it first: the secret itself then never waits on the network.
pub struct Sealer {
    data_key: Secret,
    wrapped_key: Vec<u8>,
    context: SealContext,
}

impl Vault {
    /// Fetches a fresh data key for the one secret of this context.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] where KMS does not give one.
    pub async fn sealer(&self, context: SealContext) -> Result<Sealer, VaultError> {
        let answer = self
            .kms
            .generate_data_key()
            .key_id(&self.sealing_key_id)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(encryption_context(&context)))
            .send()
            .await
            .map_err(|error| VaultError::from_sdk(&error))?;
        let missing = || VaultError::Unavailable("an answer without a key".into());
        let data_key = Secret::new(answer.plaintext.ok_or_else(missing)?.into_inner());
        let wrapped_key = answer.ciphertext_blob.ok_or_else(missing)?.into_inner();
        Ok(Sealer { data_key, wrapped_key, context })
    }

    /// Whether the sealing key can be used now for this purpose: asks for a data key and throws it away.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] where it cannot.
    pub async fn check(&self, purpose: Purpose) -> Result<(), VaultError> {
        let nobody = SealContext { purpose, owner: "health".into(), record: "none".into() };
        self.sealer(nobody).await.map(|_| ())
    }

    /// Opens a sealed secret for the work of a verb of this crate: opened and used without waiting on anything in between, on a
    /// stack that is then overwritten. What the work gives back must hold no bare secret.
    pub(crate) async fn opened<T>(
        &self,
        context: &SealContext,
        sealed: &Sealed,
        work: impl FnOnce(Secret) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let parts = format::parts(sealed)?;
        let name = cache::name(parts.wrapped_key, context);
        let data_key = match self.warm_keys.find(&name) {
            Some(key) => key,
            None => self.unwrap_key(context, parts.wrapped_key, name).await?,
        };
        clean_stack(|| work(format::open(&data_key, &parts, context)?))
    }

    /// One call to KMS while nothing is under a key of before; else one more for each that comes before its own.
    async fn unwrap_key(
        &self,
        context: &SealContext,
        wrapped_key: &[u8],
        name: [u8; 32],
    ) -> Result<Arc<Secret>, VaultError> {
        let mut refused = match self.decrypt(context, wrapped_key, &self.sealing_key_id).await {
            Ok(answer) => return self.kept(answer, name),
            Err(error) if error.code() == Some(INCORRECT_KEY) => VaultError::Sealed,
            Err(error) => return Err(VaultError::from_decrypt(&error)),
        };
        for id in &self.previous_key_ids {
            match self.decrypt(context, wrapped_key, id).await {
                Ok(answer) => return self.kept(answer, name),
                Err(error) => refused = refused.or(VaultError::from_decrypt(&error)),
            }
        }
        Err(refused)
    }

    async fn decrypt(
        &self,
        context: &SealContext,
        wrapped_key: &[u8],
        key_id: &str,
    ) -> Result<DecryptOutput, SdkError<DecryptError>> {
        self.kms
            .decrypt()
            .key_id(key_id)
            .ciphertext_blob(Blob::new(wrapped_key))
            .set_encryption_context(Some(encryption_context(context)))
            .send()
            .await
    }

    fn kept(&self, answer: DecryptOutput, name: [u8; 32]) -> Result<Arc<Secret>, VaultError> {
        let plaintext = answer.plaintext.ok_or_else(|| VaultError::Unavailable("an answer without a key".into()))?;
        Ok(self.warm_keys.keep(name, Secret::new(plaintext.into_inner())))
    }
}

impl Sealer {
    /// Seals a secret; the data key is used up.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] where the cipher refuses, which it does not for secrets of sane size.
    pub fn seal(self, secret: &Secret) -> Result<Sealed, VaultError> {
        clean_stack(|| format::seal(&self.data_key, &self.wrapped_key, &self.context, secret))
    }

    /// Makes a new Ed25519 key and seals its seed; only the public half comes out.
    ///
    /// # Errors
    /// As [`Sealer::seal`], or where the machine has no randomness.
    pub fn seal_new_signing_key(self) -> Result<(Sealed, [u8; 32]), VaultError> {
        let mut seed = zeroize::Zeroizing::new([0_u8; 32]);
        aws_lc_rs::rand::fill(&mut *seed).map_err(|_| VaultError::Unavailable("no randomness".into()))?;
        let public_key = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let sealed = self.seal(&Secret::new(seed.to_vec()))?;
        Ok((sealed, public_key))
    }
}

pub(crate) fn encryption_context(context: &SealContext) -> HashMap<String, String> {
    context.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl Sealer {
    /// Seals a Turnkey API key given in hex, after proof that it is the private half of `public_key`.
    ///
    /// # Errors
    /// [`VaultError::NotAKey`] where it is not.
    pub fn seal_api_key(self, hex_key: &Secret, public_key: &str) -> Result<Sealed, VaultError> {
        let mut bytes = zeroize::Zeroizing::new(vec![0; hex_key.expose().len() / 2]);
        hex::decode_to_slice(hex_key.expose(), &mut bytes)
            .map_err(|_| VaultError::NotAKey("turnkey.api_private_key must be hex"))?;
        let secret = Secret::new(bytes.to_vec());
        crate::sign::check_api_key(&secret, public_key)?;
        self.seal(&secret)
    }
}
