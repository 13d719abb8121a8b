//! Sign and stamp: the secret is opened, used for this alone, and wiped.

use countersign_core::{SealContext, Sealed, Secret};
use ed25519_dalek::{Signer as _, SigningKey};
use turnkey_api_key_stamper::{Stamp as _, TurnkeyP256ApiKey};

use crate::{Vault, VaultError};

impl Vault {
    /// Signs `message` with a sealed Ed25519 seed.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] where it does not open here, [`VaultError::Unavailable`] where KMS does not answer.
    pub async fn sign(&self, context: &SealContext, sealed: &Sealed, message: &[u8]) -> Result<[u8; 64], VaultError> {
        let sign = |seed: Secret| {
            let key = SigningKey::from_bytes(seed.expose().try_into().map_err(|_| VaultError::Sealed)?);
            Ok(key.sign(message).to_bytes())
        };
        self.opened(context, sealed, sign).await
    }

    /// Stamps `body` with a sealed P-256 API key: the value of Turnkey's `X-Stamp` header.
    ///
    /// # Errors
    /// As [`Vault::sign`].
    pub async fn stamp(&self, context: &SealContext, sealed: &Sealed, body: &[u8]) -> Result<String, VaultError> {
        let stamp = |secret: Secret| {
            let key = api_key(&secret).map_err(|_| VaultError::Sealed)?;
            key.stamp(body).map(|header| header.value).map_err(|_| VaultError::Sealed)
        };
        self.opened(context, sealed, stamp).await
    }
}

/// Checks that an API key's two halves belong together; `public_key` is compressed SEC1 in hex.
///
/// # Errors
/// [`VaultError::NotAKey`] where they do not.
pub(crate) fn check_api_key(secret: &Secret, public_key: &str) -> Result<(), VaultError> {
    const PUBLIC: &str = "turnkey.api_private_key is not the private half of turnkey.api_public_key";
    let key = api_key(secret)?;
    let public = hex::decode(public_key).map_err(|_| VaultError::NotAKey(PUBLIC))?;
    if key.compressed_public_key() == public { Ok(()) } else { Err(VaultError::NotAKey(PUBLIC)) }
}

/// The stamper panics on another length than 32 bytes, so that is checked first.
fn api_key(secret: &Secret) -> Result<TurnkeyP256ApiKey, VaultError> {
    const FORM: &str = "turnkey.api_private_key must be a P-256 private key of 32 bytes in hex";
    let bytes: &[u8; 32] = secret.expose().try_into().map_err(|_| VaultError::NotAKey(FORM))?;
    TurnkeyP256ApiKey::from_bytes(&bytes[..], None).map_err(|_| VaultError::NotAKey(FORM))
}
