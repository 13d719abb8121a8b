//! The services-courier function: clients once, then batches of the queue `deliveries`.

use std::sync::Arc;

use countersign_edge::{Environment, start, telemetry};
use countersign_services::delivering::{Courier, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let courier = Arc::new(Courier::build(&environment, &start::aws(&environment)?).await?);
    start::serve_batches(move |batch| {
        let courier = Arc::clone(&courier);
        async move { handle(&courier, batch).await }
    })
    .await
}
