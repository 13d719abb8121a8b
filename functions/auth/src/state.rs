//! What the door holds: the table and the gate, built once.

use std::sync::Arc;

use aws_config::SdkConfig;
use countersign_core::Refusal;
use countersign_edge::{Environment, GateKeeper, start::Error};
use countersign_store::Store;

use crate::passwords::Passwords;

/// The state of every handler.
pub struct Auth {
    pub(crate) store: Store,
    pub(crate) gate: GateKeeper,
    pub(crate) passwords: Passwords,
}

impl Auth {
    /// Builds the clients, reads the gate's secrets and warms the table, side by side. Variables: `TABLE_NAME`,
    /// `GATE_SECRET_ID`, `REQUIRE_HMAC_VERIFICATION`.
    ///
    /// # Errors
    /// Where a variable is missing or wrong, or the secrets cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let store = Store::new(aws, environment.required("TABLE_NAME")?);
        let (gate, warm) = tokio::join!(GateKeeper::load(aws, environment), store.warm());
        if let Err(error) = warm {
            tracing::warn!(%error, "the table did not answer at start");
        }
        Ok(Arc::new(Self { store, gate: gate?, passwords: Passwords::new()? }))
    }
}

/// 503: codes and refresh tokens are derived from a client master, and none is configured.
pub(crate) fn no_master() -> Refusal {
    Refusal::unavailable("codes and refresh tokens need a client master")
}
