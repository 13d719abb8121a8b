//! Fingerprints of trading keys: the same key under two clients is noticed without keeping anything a key follows from.

use aws_sdk_kms::{primitives::Blob, types::MacAlgorithmSpec};

use crate::{TradingKey, Vault, VaultError};

/// A keyed fingerprint of a secret: equal for equal keys, and of no use without KMS's HMAC key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// 64 lower-case hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0
    }
}

impl Vault {
    /// The key's fingerprint under this vault's HMAC key: KMS is given a digest, never the secret.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] where there is no HMAC key or KMS does not answer.
    pub async fn fingerprint(&self, key: &TradingKey) -> Result<Fingerprint, VaultError> {
        let id = self.fingerprint_key_id.as_deref();
        let id = id.ok_or_else(|| VaultError::Unavailable("this vault has no fingerprint key".into()))?;
        let answer = self
            .kms
            .generate_mac()
            .key_id(id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(Blob::new(key.digest().as_slice()))
            .send()
            .await
            .map_err(|error| VaultError::from_sdk(&error))?;
        let mac = answer.mac.map(Blob::into_inner).filter(|mac| mac.len() == 32);
        mac.map(|mac| Fingerprint(hex::encode(mac)))
            .ok_or_else(|| VaultError::Unavailable("KMS gave a code of another size".into()))
    }
}
