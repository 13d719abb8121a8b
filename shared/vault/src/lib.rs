//! Seals secrets under KMS and signs with them. Its verbs are seal, sign, stamp, and reveal_token for linked accounts; no verb
//! returns a person's signing key.

mod cache;
mod error;
mod fernet_import;
mod format;
mod kms_signer;
mod seal;
mod sign;
mod tokens;

pub use error::VaultError;
pub use fernet_import::FernetKeys;
pub use kms_signer::KmsSigningKey;
pub use seal::Sealer;

use aws_sdk_kms::Client;

/// KMS, through one client that is built once and warmed at start, and the data keys that are warm.
#[derive(Debug)]
pub struct Vault {
    kms: Client,
    sealing_key_id: String,
    warm_keys: cache::DataKeys,
}

impl Vault {
    /// A vault that seals under `sealing_key_id` (id, ARN or alias).
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, sealing_key_id: impl Into<String>) -> Self {
        Self { kms: Client::new(config), sealing_key_id: sealing_key_id.into(), warm_keys: cache::DataKeys::default() }
    }

    /// Opens the connection to KMS before the first request, by asking for what KMS certainly refuses: a decryption of
    /// nothing. Needs no right beyond those that signing needs.
    pub async fn warm(&self) {
        let nothing = aws_sdk_kms::primitives::Blob::new([0_u8]);
        let _refused = self.kms.decrypt().key_id(&self.sealing_key_id).ciphertext_blob(nothing).send().await;
    }
}
