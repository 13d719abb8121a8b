//! The keys-monitor function: on a schedule it looks at heartbeats, keys' dates, stops and KMS.

use std::sync::Arc;

use countersign_edge::{Environment, start, telemetry};
use countersign_keys::monitor::{self, Monitor};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let monitor = Arc::new(Monitor::build(&environment, &start::aws(&environment)?)?);
    monitor.warm().await;
    start::serve_schedule(move || {
        let monitor = Arc::clone(&monitor);
        async move { monitor::run(&monitor).await }
    })
    .await
}
