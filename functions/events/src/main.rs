//! The events function: clients once, then batches of the table's stream.

use std::sync::Arc;

use countersign_edge::{Environment, start, telemetry};
use countersign_events::{Events, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let events = Arc::new(Events::build(&environment, &start::aws(&environment)?)?);
    start::serve_batches(move |batch| {
        let events = Arc::clone(&events);
        async move { handle(&events, batch).await }
    })
    .await
}
