//! The sign function: clients once, warmed, then requests.

use countersign_edge::{Environment, start, telemetry};
use countersign_sign::{Sign, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let sign = Sign::build(&environment, &start::aws(&environment)?).await?;
    start::serve(router(sign)).await
}
