//! The providers of linked accounts on one machine: what stands in for them, our clients there, and what runs each minute.

use std::time::Duration;

use countersign_core::connection::PROVIDERS;
use countersign_edge::Environment;
use countersign_local_standins::oauth::{OAuthStandin, Provider};
use countersign_oauth_door::{Links, reminders};
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{LocalError, seed::MadeUp};

/// Our client's name at every stand-in.
const CLIENT: &str = "countersign-local";
/// Real clients, as JSON (`{"spotify": {"client_id", "client_secret"}}`): with it the real providers are used.
const REAL_CLIENTS: &str = "OAUTH_CLIENTS";
/// How often what is due is done here; on AWS once a minute.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves every provider of infra/providers.yaml, each with our client.
pub(crate) fn start(listener: TcpListener, made: &MadeUp, base_url: &str) -> Result<OAuthStandin, LocalError> {
    let provider =
        |key: &str| Provider::new(key, CLIENT, &made.oauth_secret, &[format!("{base_url}/{key}/callback").as_str()]);
    Ok(OAuthStandin::start(listener, PROVIDERS.iter().map(|found| provider(found.key)).collect())?)
}

/// Whether the real providers are used.
pub(crate) fn is_real(environment: &Environment) -> bool {
    environment.optional(REAL_CLIENTS).is_some()
}

/// The secret of the functions: our clients, real or made up.
pub(crate) fn secret(environment: &Environment, made: &MadeUp) -> Result<Value, LocalError> {
    let clients: Map<String, Value> = match environment.optional(REAL_CLIENTS) {
        Some(clients) => serde_json::from_str(clients)?,
        None => {
            let client = json!({ "client_id": CLIENT, "client_secret": made.oauth_secret });
            PROVIDERS.iter().map(|provider| (provider.key.to_owned(), client.clone())).collect()
        }
    };
    // Another label than the client's secret has at the stand-in: neither says anything of the other.
    Ok(json!({ "pkce_secret": format!("{}-pkce", made.oauth_secret), "clients": clients }))
}

/// Does what is due of linked accounts until the system stops.
pub(crate) fn reminders(links: Links, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while tokio::time::timeout(PAUSE, stopped.changed()).await.is_err() {
            if let Err(refusal) = reminders::run(&links).await {
                tracing::warn!(%refusal, "what is due of linked accounts was not looked at");
            }
        }
    })
}
