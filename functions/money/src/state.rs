//! What the door holds: the table, the gate and the bot's name, built once.

use std::sync::Arc;

use aws_config::SdkConfig;
use countersign_edge::{Environment, GateKeeper, start::Error};
use countersign_store::Store;

/// The state of every handler.
pub struct Money {
    pub(crate) store: Store,
    pub(crate) gate: GateKeeper,
    pub(crate) bot_username: String,
}

impl Money {
    /// Builds the clients, reads the gate's secrets and warms the table, side by side. Variables: `TABLE_NAME`,
    /// `GATE_SECRET_ID`, `REQUIRE_HMAC_VERIFICATION`, `BOT_USERNAME` (whose links invite people).
    ///
    /// # Errors
    /// Where a variable is missing or wrong, or the secrets cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let store = Store::new(aws, environment.required("TABLE_NAME")?);
        let bot_username = environment.required("BOT_USERNAME")?.to_owned();
        let (gate, warm) = tokio::join!(GateKeeper::load(aws, environment), store.warm());
        if let Err(error) = warm {
            tracing::warn!(%error, "the table did not answer at start");
        }
        Ok(Arc::new(Self { store, gate: gate?, bot_username }))
    }
}
