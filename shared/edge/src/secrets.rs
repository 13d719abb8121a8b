//! Secrets Manager, linked here alone.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{Client, error::ProvideErrorMetadata};
use countersign_core::Secret;

/// Reads secrets; clones share one client.
#[derive(Clone, Debug)]
pub struct Secrets(Client);

/// Why a secret was not read; names AWS's code alone.
#[derive(Debug, thiserror::Error)]
#[error("Secrets Manager: {0}")]
pub struct SecretError(String);

impl Secrets {
    /// Builds the client.
    #[must_use]
    pub fn new(aws: &SdkConfig) -> Self {
        Self(Client::new(aws))
    }

    /// The current version's text.
    ///
    /// # Errors
    /// Where it cannot be read or is binary.
    pub async fn text(&self, id: &str) -> Result<Secret, SecretError> {
        let answer = self.0.get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(|error| SecretError(error.code().unwrap_or("no answer").to_owned()))?;
        answer.secret_string.map(Secret::from).ok_or_else(|| SecretError("the secret is not text".into()))
    }
}
