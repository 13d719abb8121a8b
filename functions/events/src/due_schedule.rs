//! The due function: on a schedule it escalates and expires questions and approvals, and queues again what is overdue.

use std::sync::Arc;

use countersign_edge::{Environment, start, telemetry};
use countersign_events::{Events, due};
use countersign_store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let aws = start::aws(&environment)?;
    let store = Store::new(&aws, environment.required("TABLE_NAME")?);
    let events = Arc::new(Events::build(&environment, &aws)?);
    store.warm().await?;
    start::serve_schedule(move || {
        let (store, events) = (store.clone(), Arc::clone(&events));
        async move { due::run(&store, &events).await }
    })
    .await
}
