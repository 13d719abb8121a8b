//! Runs what a schedule runs on AWS each minute: questions expire and are escalated, here about once a second.

use std::time::Duration;

use countersign_events::due;
use countersign_store::Store;
use tokio::{sync::watch, task::JoinHandle};

/// How often; on AWS a schedule has no shorter step than a minute.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs it until the system stops.
pub(crate) fn start(store: Store, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while tokio::time::timeout(PAUSE, stopped.changed()).await.is_err() {
            if let Err(refusal) = due::run(&store).await {
                tracing::warn!(%refusal, "what is due was not looked at");
            }
        }
    })
}
