//! What the courier holds: the table, Telegram, and the queue that it is fed from.

use std::sync::Arc;

use aws_config::SdkConfig;
use countersign_core::Secret;
use countersign_edge::{Environment, Secrets, http_client, start::Error};
use countersign_queue::Queue;
use countersign_store::Store;
use countersign_telegram::Telegram;
use serde::Deserialize;

/// Telegram's own address.
const TELEGRAM: &str = "https://api.telegram.org";

/// The state of every batch.
pub struct Courier {
    pub(super) store: Store,
    pub(super) telegram: Telegram,
    pub(super) queue: Queue,
}

/// The secret of `TELEGRAM_SECRET_ID`: the courier may read no other, and knows nothing of the gate.
#[derive(Deserialize)]
struct BotSecret {
    bot_token: Secret,
}

impl Courier {
    /// Builds the clients, reads the bot's token and warms the table, side by side. Variables: `TABLE_NAME`,
    /// `TELEGRAM_QUEUE_URL`, `TELEGRAM_SECRET_ID`, `TELEGRAM_API_URL`.
    ///
    /// # Errors
    /// Where a variable is missing, or the token cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let store = Store::new(aws, environment.required("TABLE_NAME")?);
        let queue = Queue::new(aws, environment.required("TELEGRAM_QUEUE_URL")?);
        let (telegram, warm) = tokio::join!(telegram(environment, aws), store.warm());
        if let Err(error) = warm {
            tracing::warn!(%error, "the table did not answer at start");
        }
        Ok(Arc::new(Self { store, telegram: telegram?, queue }))
    }
}

/// The Bot API as our bot. Variables: `TELEGRAM_SECRET_ID` names a secret `{"bot_token"}`, `TELEGRAM_API_URL`.
///
/// # Errors
/// Where a variable is missing, or the token cannot be read.
pub(crate) async fn telegram(environment: &Environment, aws: &SdkConfig) -> Result<Telegram, Error> {
    let id = environment.required("TELEGRAM_SECRET_ID")?;
    let text = Secrets::new(aws).text(id).await?;
    let secret: BotSecret = serde_json::from_slice(text.expose())
        .map_err(|_| environment.wrong("TELEGRAM_SECRET_ID", "is not {bot_token}"))?;
    let address = environment.optional("TELEGRAM_API_URL").unwrap_or(TELEGRAM);
    Ok(Telegram::new(address, secret.bot_token, http_client::build()?))
}
