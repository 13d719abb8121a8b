//! The web function: documentation, and the answer to unknown routes.

use countersign_edge::{Environment, start, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    telemetry::init(&Environment::of_process(), &[]);
    start::serve(countersign_web::router()).await
}
