//! The telegram-courier function: clients once, then what the queue telegram.fifo holds, message by message.

use std::sync::Arc;

use countersign_edge::{Environment, start, telemetry};
use countersign_telegram_bot::sending::{Courier, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let courier = Courier::build(&environment, &start::aws(&environment)?).await?;
    start::serve_batches(move |batch| {
        let courier = Arc::clone(&courier);
        async move { handle(&courier, batch).await }
    })
    .await
}
