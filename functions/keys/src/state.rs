//! What the door holds: the table, the vault, the gate and the compiled forms of bots' configurations, built once.

use std::{collections::BTreeMap, sync::Arc};

use aws_config::SdkConfig;
use countersign_core::keyring::bot_types;
use countersign_edge::{Environment, GateKeeper, start::Error};
use countersign_stellar::Network;
use countersign_store::Store;
use countersign_vault::Vault;

/// Stellar's test network.
const TESTNET: &str = "Test SDF Network ; September 2015";

/// The state of every handler.
pub struct Keys {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) gate: GateKeeper,
    pub(crate) network: Network,
    pub(crate) base_url: String,
    pub(crate) import_secret_id: Option<String>,
    pub(crate) config_forms: BTreeMap<&'static str, jsonschema::Validator>,
}

impl Keys {
    /// Builds the clients, reads the gate's secrets and warms them, side by side. Variables: `TABLE_NAME`, `SEALING_KEY_ID`,
    /// `FINGERPRINT_KEY_ID` (a KMS HMAC key), `GATE_SECRET_ID`, `IMPORT_SECRET_ID`, `NETWORK_PASSPHRASE`, `BASE_URL` (where
    /// the forms for keys are), `REQUIRE_HMAC_VERIFICATION`.
    ///
    /// # Errors
    /// Where a variable is missing or wrong, or the secrets cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let store = Store::new(aws, environment.required("TABLE_NAME")?);
        let vault = vault(environment, aws)?;
        let (gate, table, ()) = tokio::join!(GateKeeper::load(aws, environment), store.warm(), vault.warm());
        if let Err(error) = table {
            tracing::warn!(%error, "the table did not answer at start");
        }
        Ok(Arc::new(Self {
            store,
            vault,
            gate: gate?,
            network: Network::new(environment.optional("NETWORK_PASSPHRASE").unwrap_or(TESTNET)),
            base_url: environment.required("BASE_URL")?.trim_end_matches('/').to_owned(),
            import_secret_id: environment.optional("IMPORT_SECRET_ID").map(str::to_owned),
            config_forms: config_forms()?,
        }))
    }
}

/// The vault of trading keys. Variables: `SEALING_KEY_ID`, `PREVIOUS_SEALING_KEY_IDS`, `FINGERPRINT_KEY_ID`.
pub(crate) fn vault(environment: &Environment, aws: &SdkConfig) -> Result<Vault, Error> {
    let vault = Vault::new(aws, environment.required("SEALING_KEY_ID")?)
        .with_previous_keys(environment.previous_sealing_keys());
    Ok(vault.with_fingerprint_key(environment.required("FINGERPRINT_KEY_ID")?))
}

/// The forms of infra/bot_types.yaml, compiled.
fn config_forms() -> Result<BTreeMap<&'static str, jsonschema::Validator>, Error> {
    let mut forms = BTreeMap::new();
    for bot_type in bot_types() {
        let schema: serde_json::Value = serde_json::from_str(bot_type.config_schema)?;
        let form = jsonschema::draft202012::new(&schema).map_err(|error| format!("{}: {error}", bot_type.key))?;
        forms.insert(bot_type.key, form);
    }
    Ok(forms)
}
