//! What the door holds: the table, the vault, our clients at the providers, built once.

use std::sync::Arc;

use aws_config::SdkConfig;
use countersign_edge::{Environment, GateKeeper, Secrets, http_client, start::Error};
use countersign_oauth::{OauthClient, Settings};
use countersign_store::Store;
use countersign_vault::Vault;

/// What linked accounts need: all that the schedule needs as well.
pub struct Links {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) client: OauthClient,
}

impl Links {
    /// Builds the clients and reads our own at the providers. Variables: `TABLE_NAME`, `SEALING_KEY_ID`,
    /// `OAUTH_SECRET_ID`, `BASE_URL`, and `OAUTH_BASE_URL` where something stands in for the providers.
    ///
    /// # Errors
    /// Where a variable is missing, or the secret cannot be read or is of no use.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Self, Error> {
        let text = Secrets::new(aws).text(environment.required("OAUTH_SECRET_ID")?).await?;
        let settings = Settings::read(&text)?;
        let replaced = environment.optional("OAUTH_BASE_URL");
        Ok(Self {
            store: Store::new(aws, environment.required("TABLE_NAME")?),
            vault: Vault::new(aws, environment.required("SEALING_KEY_ID")?)
                .with_previous_keys(environment.previous_sealing_keys()),
            client: OauthClient::new(settings, environment.required("BASE_URL")?, replaced, http_client::build()?)?,
        })
    }

    /// One call to DynamoDB and one to KMS, side by side, so that the first request finds open connections.
    pub async fn warm(&self) {
        let (table, ()) = tokio::join!(self.store.warm(), self.vault.warm());
        if let Err(error) = table {
            tracing::warn!(%error, "the table did not answer at start");
        }
    }
}

/// The state of every handler.
pub struct Oauth {
    pub(crate) links: Links,
    pub(crate) gate: GateKeeper,
    /// The bot's name, without `@`.
    pub(crate) bot_username: String,
}

impl Oauth {
    /// Builds the clients and warms them. Variables beside those of [`Links::build`]: `GATE_SECRET_ID`,
    /// `BOT_USERNAME`, `REQUIRE_HMAC_VERIFICATION`.
    ///
    /// # Errors
    /// As [`Links::build`], and where the gate's secrets cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let bot_username = environment.required("BOT_USERNAME")?.to_owned();
        let (links, gate) = tokio::join!(Links::build(environment, aws), GateKeeper::load(aws, environment));
        let links = links?;
        links.warm().await;
        Ok(Arc::new(Self { links, gate: gate?, bot_username }))
    }
}
