//! The keys function: clients once, warmed, then requests.

use countersign_edge::{Environment, start, telemetry};
use countersign_keys::{Keys, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let keys = Keys::build(&environment, &start::aws(&environment)?).await?;
    start::serve(router(keys)).await
}
