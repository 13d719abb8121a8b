//! Our clients at the providers, as they lie in Secrets Manager, and the secret behind PKCE verifiers.

use std::collections::BTreeMap;

use countersign_core::{Secret, connection::VerifierKey};
use serde::Deserialize;

/// The content of the secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// At least 32 bytes; verifiers are derived with it. A change ends the flows that are open.
    pub pkce_secret: Secret,
    /// Provider → our client there. A provider without one is not offered.
    pub clients: BTreeMap<String, ClientSettings>,
}

/// Our client at a provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// Its public name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

/// Why settings are of no use; no value is shown.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// Not JSON, or not of the form of [`Settings`].
    #[error("the providers' secret, line {0}: not of its form")]
    Form(usize),
    /// The PKCE secret is too short.
    #[error("pkce_secret must have at least 32 bytes")]
    PkceSecret,
    /// A provider that infra/providers.yaml does not name.
    #[error("clients names a provider that infra/providers.yaml does not")]
    Provider,
    /// A client without a name or a secret of visible ASCII.
    #[error("a client's id or secret is missing or no text")]
    Client,
    /// An address that is none.
    #[error("{0} is not an http or https URL")]
    Url(&'static str),
}

impl Settings {
    /// Reads the content of the secret.
    ///
    /// # Errors
    /// [`BadSettings::Form`] where it is none.
    pub fn read(secret: &Secret) -> Result<Self, BadSettings> {
        serde_json::from_slice(secret.expose()).map_err(|error| BadSettings::Form(error.line()))
    }

    /// The key of verifiers, after a look at everything else.
    pub(crate) fn check(&self) -> Result<VerifierKey, BadSettings> {
        for (provider, client) in &self.clients {
            countersign_core::connection::provider(provider).map_err(|_| BadSettings::Provider)?;
            let secret = client.client_secret.expose_str().unwrap_or_default();
            if client.client_id.is_empty() || secret.is_empty() {
                return Err(BadSettings::Client);
            }
        }
        VerifierKey::new(&self.pkce_secret).ok_or(BadSettings::PkceSecret)
    }
}
