//! The auth function: clients once, warmed, then requests.

use countersign_auth::{Auth, router};
use countersign_edge::{Environment, start, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let auth = Auth::build(&environment, &start::aws(&environment)?).await?;
    start::serve(router(auth)).await
}
