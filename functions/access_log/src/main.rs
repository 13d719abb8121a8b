//! The access log's function: clients once, then batches of the subscribed log groups.

use std::sync::Arc;

use countersign_access_log::{AccessLog, handle};
use countersign_edge::{Environment, start, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let log = Arc::new(AccessLog::build(&environment, &start::aws(&environment)?)?);
    start::serve_events(move |batch| {
        let log = Arc::clone(&log);
        async move { handle(&log, batch).await }
    })
    .await
}
