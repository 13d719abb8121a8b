//! The web function: health, documentation, unknown routes.

use countersign_edge::{Environment, start, telemetry};
use countersign_web::{Web, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let web = Web::build(&environment, &start::aws().await)?;
    start::serve(router(web)).await
}
