//! What the door holds: the table, the gate and the bot's name, built once.

use std::sync::Arc;

use aws_config::SdkConfig;
use countersign_edge::{Environment, GateKeeper, start::Error};
use countersign_store::Store;

use crate::{link::Links, menus::Menus};

/// The state of every handler.
pub struct Bot {
    pub(crate) store: Store,
    pub(crate) gate: GateKeeper,
    /// The bot's name, without `@`.
    pub(crate) username: String,
    pub(crate) menus: Menus,
    /// Where the pages are on which keys are entered; none where that is not said.
    pub(crate) base_url: Option<String>,
    /// Where the mini-app is that `/sign` opens; none where there is none.
    pub(crate) mini_app_url: Option<String>,
    /// Our clients at the providers; none where there are none to be had.
    pub(crate) links: Option<Links>,
}

impl Bot {
    /// Builds the clients, reads the gate's secrets and warms the table, side by side. Variables: `TABLE_NAME`,
    /// `GATE_SECRET_ID`, `BOT_USERNAME`, `BASE_URL` for the forms of `/bots`, `MINI_APP_URL` where
    /// there is a mini-app, and for linked accounts `SEALING_KEY_ID`, `OAUTH_SECRET_ID`
    /// and `BASE_URL`.
    ///
    /// # Errors
    /// Where a variable is missing, or the secrets cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let store = Store::new(aws, environment.required("TABLE_NAME")?);
        let username = environment.required("BOT_USERNAME")?.to_owned();
        let base_url = environment.optional("BASE_URL").map(|url| url.trim_end_matches('/').to_owned());
        let mini_app_url = environment.optional("MINI_APP_URL").map(str::to_owned);
        let (gate, warm, links) =
            tokio::join!(GateKeeper::load(aws, environment), store.warm(), Links::build(environment, aws));
        if let Err(error) = warm {
            tracing::warn!(%error, "the table did not answer at start");
        }
        Ok(Arc::new(Self { store, gate: gate?, username, menus: Menus::default(), base_url, mini_app_url, links }))
    }
}
