//! Runs what a schedule runs on AWS each minute: questions expire, what is overdue is queued again, what comes again is
//! entered; here about once a second.

use std::time::Duration;

use countersign_events::{Events, due};
use countersign_money::reports::schedule;
use countersign_store::Store;
use tokio::{sync::watch, task::JoinHandle};

/// How often; on AWS a schedule has no shorter step than a minute.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs it until the system stops.
pub(crate) fn start(store: Store, events: Events, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while tokio::time::timeout(PAUSE, stopped.changed()).await.is_err() {
            if let Err(refusal) = due::run(&store, &events).await {
                tracing::warn!(%refusal, "what is due was not looked at");
            }
            if let Err(refusal) = schedule::run(&store).await {
                tracing::warn!(%refusal, "what comes again was not looked at");
            }
        }
    })
}
