//! What the door holds: clients built once, and the few settings that a signature depends on.

use std::sync::Arc;

use aws_config::SdkConfig;
use countersign_edge::{Environment, GateKeeper, http_client, start::Error};
use countersign_stellar::{AccountKey, Network};
use countersign_store::Store;
use countersign_turnkey::Turnkey;
use countersign_vault::Vault;

use crate::health::LastLook;

/// Turnkey's own address.
const TURNKEY: &str = "https://api.turnkey.com";
/// Stellar's test network.
const TESTNET: &str = "Test SDF Network ; September 2015";

/// What signs, and what remembers it: all that the sweep needs as well.
pub struct Signers {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) turnkey: Turnkey,
}

impl Signers {
    /// Builds the clients. Variables: `TABLE_NAME`, `SEALING_KEY_ID`, `TURNKEY_BASE_URL`, `REQUIRE_KMS_KEY_OWNER`.
    ///
    /// # Errors
    /// Where a variable is missing or wrong.
    pub fn build(environment: &Environment, aws: &SdkConfig) -> Result<Self, Error> {
        let turnkey = environment.optional("TURNKEY_BASE_URL").unwrap_or(TURNKEY);
        Ok(Self {
            store: Store::new(aws, environment.required("TABLE_NAME")?),
            vault: Vault::new(aws, environment.required("SEALING_KEY_ID")?)
                .with_previous_keys(environment.previous_sealing_keys())
                .with_key_owner_required(environment.safeguard("REQUIRE_KMS_KEY_OWNER")?),
            turnkey: Turnkey::new(turnkey, http_client::build),
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
pub struct Sign {
    pub(crate) signers: Signers,
    pub(crate) gate: GateKeeper,
    pub(crate) network: Network,
    pub(crate) fee_wallet: Option<AccountKey>,
    pub(crate) import_secret_id: Option<String>,
    pub(crate) environment: String,
    pub(crate) last_look: LastLook,
}

impl Sign {
    /// Builds the clients, reads the gate's secrets and warms both, side by side. Variables beside those of
    /// [`Signers::build`]: `GATE_SECRET_ID`, `IMPORT_SECRET_ID`, `NETWORK_PASSPHRASE`, `FEE_WALLET`,
    /// `REQUIRE_HMAC_VERIFICATION`, `ENVIRONMENT`.
    ///
    /// # Errors
    /// Where a variable is missing or wrong, or the secrets cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let fee_wallet = match environment.optional("FEE_WALLET") {
            Some(wallet) => {
                Some(AccountKey::from_strkey(wallet).map_err(|error| environment.wrong("FEE_WALLET", error))?)
            }
            None => None,
        };
        let signers = Signers::build(environment, aws)?;
        let (gate, ()) = tokio::join!(GateKeeper::load(aws, environment), signers.warm());
        Ok(Arc::new(Self {
            signers,
            gate: gate?,
            network: Network::new(environment.optional("NETWORK_PASSPHRASE").unwrap_or(TESTNET)),
            fee_wallet,
            import_secret_id: environment.optional("IMPORT_SECRET_ID").map(str::to_owned),
            environment: environment.optional("ENVIRONMENT").unwrap_or("unnamed").to_owned(),
            last_look: LastLook::default(),
        }))
    }
}
