//! Runs what a schedule runs on AWS each minute: questions expire, what is overdue is queued again, what comes again is
//! entered, keys and bots are looked at; here about once a second.

use std::time::Duration;

use countersign_edge::clock;
use countersign_events::{Events, due};
use countersign_keys::monitor::{self, Monitor};
use countersign_money::reports::schedule;
use countersign_store::Store;
use tokio::{sync::watch, task::JoinHandle};

/// How often; on AWS a schedule has no shorter step than a minute.
const PAUSE: Duration = Duration::from_millis(500);

/// After how many of them KMS is looked at: once a minute, as on AWS.
const KMS_TICKS: u64 = 120;

/// Runs it until the system stops.
pub(crate) fn start(store: Store, events: Events, keys: Monitor, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = 0_u64;
        while tokio::time::timeout(PAUSE, stopped.changed()).await.is_err() {
            if let Err(refusal) = due::run(&store, &events).await {
                tracing::warn!(%refusal, "what is due was not looked at");
            }
            if let Err(refusal) = schedule::run(&store).await {
                tracing::warn!(%refusal, "what comes again was not looked at");
            }
            ticks += 1;
            let looked = if ticks.is_multiple_of(KMS_TICKS) {
                monitor::run(&keys).await
            } else {
                monitor::due_at(&keys, clock::now()).await
            };
            if let Err(refusal) = looked {
                tracing::warn!(%refusal, "keys and bots were not looked at");
            }
        }
    })
}
