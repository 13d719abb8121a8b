//! The oauth function: clients once, warmed, then requests.

use countersign_edge::{Environment, start, telemetry};
use countersign_oauth_door::{Oauth, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let oauth = Oauth::build(&environment, &start::aws(&environment)?).await?;
    start::serve(router(oauth)).await
}
