//! Seals secrets under KMS and signs with them. Its verbs are seal, sign, stamp, and reveal_token for linked accounts; no verb
//! returns a person's signing key.

mod cache;
mod clean_stack;
mod error;
mod fernet_import;
mod fingerprint;
mod format;
mod keypair_file;
mod kms_signer;
mod reseal;
mod seal;
mod sign;
mod sign_trading;
mod tokens;
mod trading;

pub use error::VaultError;
pub use fernet_import::FernetKeys;
pub use fingerprint::Fingerprint;
pub use kms_signer::KmsSigningKey;
pub use reseal::SealedUnder;
pub use seal::Sealer;
pub use sign_trading::Secp256k1Signature;
pub use trading::TradingKey;

use aws_sdk_kms::Client;

/// KMS, through one client that is built once and warmed at start, and the data keys that are warm.
#[derive(Debug)]
pub struct Vault {
    kms: Client,
    sealing_key_id: String,
    previous_key_ids: Vec<String>,
    fingerprint_key_id: Option<String>,
    owner_required: bool,
    warm_keys: cache::DataKeys,
}

impl Vault {
    /// A vault that seals under `sealing_key_id` (id, ARN or alias).
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, sealing_key_id: impl Into<String>) -> Self {
        Self {
            kms: Client::new(config),
            sealing_key_id: sealing_key_id.into(),
            previous_key_ids: Vec::new(),
            fingerprint_key_id: None,
            owner_required: true,
            warm_keys: cache::DataKeys::default(),
        }
    }

    /// The same vault with the HMAC key (id, ARN or alias) that fingerprints of trading keys are made under.
    #[must_use]
    pub fn with_fingerprint_key(self, id: impl Into<String>) -> Self {
        Self { fingerprint_key_id: Some(id.into()), ..self }
    }

    /// The same vault; not `required`: a KMS key that nobody is tagged as the owner of may sign for whoever names it first.
    #[must_use]
    pub fn with_key_owner_required(self, required: bool) -> Self {
        Self { owner_required: required, ..self }
    }

    /// Opens the connection to KMS before the first request, by asking for what KMS certainly refuses: a decryption of
    /// nothing. Needs no right beyond those that signing needs.
    pub async fn warm(&self) {
        let nothing = aws_sdk_kms::primitives::Blob::new([0_u8]);
        let _refused = self.kms.decrypt().key_id(&self.sealing_key_id).ciphertext_blob(nothing).send().await;
    }
}
