//! What linking needs beside the table: the vault, and our clients at the providers.

use aws_config::SdkConfig;
use countersign_edge::{Environment, Secrets, http_client, start::Error};
use countersign_oauth::{OauthClient, Settings};
use countersign_vault::Vault;

/// The vault and our clients at the providers.
pub(crate) struct Links {
    pub(crate) vault: Vault,
    pub(crate) client: OauthClient,
}

impl Links {
    /// Builds them. Variables: `SEALING_KEY_ID`, `OAUTH_SECRET_ID`, `BASE_URL`, and `OAUTH_BASE_URL` where something
    /// stands in for the providers. None where they cannot be built: the bot does everything else all the same.
    pub(crate) async fn build(environment: &Environment, aws: &SdkConfig) -> Option<Self> {
        match Self::read(environment, aws).await {
            Ok(links) => Some(links),
            Err(error) => {
                tracing::error!(%error, "no account can be linked");
                None
            }
        }
    }

    async fn read(environment: &Environment, aws: &SdkConfig) -> Result<Self, Error> {
        let text = Secrets::new(aws).text(environment.required("OAUTH_SECRET_ID")?).await?;
        let settings = Settings::read(&text)?;
        let replaced = environment.optional("OAUTH_BASE_URL");
        Ok(Self {
            vault: Vault::new(aws, environment.required("SEALING_KEY_ID")?)
                .with_previous_keys(environment.previous_sealing_keys()),
            client: OauthClient::new(settings, environment.required("BASE_URL")?, replaced, http_client::build()?)?,
        })
    }
}
