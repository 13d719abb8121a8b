//! The services function: clients once, warmed, then requests.

use countersign_edge::{Environment, start, telemetry};
use countersign_services::{Services, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let services = Services::build(&environment, &start::aws(&environment)?).await?;
    start::serve(router(services)).await
}
