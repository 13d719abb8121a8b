//! The money-schedule function: on a schedule it enters the transactions that come again and are due.

use countersign_edge::{Environment, start, telemetry};
use countersign_money::reports::schedule;
use countersign_store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let store = Store::new(&start::aws(&environment)?, environment.required("TABLE_NAME")?);
    store.warm().await?;
    start::serve_schedule(move || {
        let store = store.clone();
        async move { schedule::run(&store).await }
    })
    .await
}
