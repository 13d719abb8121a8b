//! What the door holds: the table, the gate and the rules for addresses that services register, built once.

use std::sync::Arc;

use aws_config::SdkConfig;
use countersign_edge::{Environment, GateKeeper, start::Error};
use countersign_outbound::Rules;
use countersign_store::Store;

/// The state of every handler.
pub struct Services {
    pub(crate) store: Store,
    pub(crate) gate: GateKeeper,
    pub(crate) rules: Rules,
}

impl Services {
    /// Builds the clients, reads the gate's secrets and warms the table, side by side. Variables: `TABLE_NAME`,
    /// `GATE_SECRET_ID`, `REQUIRE_HMAC_VERIFICATION`, `OUTBOUND_PORTS`, `OUTBOUND_LOOPBACK`.
    ///
    /// # Errors
    /// Where a variable is missing or wrong, or the secrets cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let ports = environment.optional("OUTBOUND_PORTS");
        let rules = Rules::read(ports, environment.switch("OUTBOUND_LOOPBACK")?);
        let rules = rules.ok_or_else(|| environment.wrong("OUTBOUND_PORTS", "numbers with commas between"))?;
        let store = Store::new(aws, environment.required("TABLE_NAME")?);
        let (gate, warm) = tokio::join!(GateKeeper::load(aws, environment), store.warm());
        if let Err(error) = warm {
            tracing::warn!(%error, "the table did not answer at start");
        }
        Ok(Arc::new(Self { store, gate: gate?, rules }))
    }
}
