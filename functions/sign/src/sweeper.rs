//! The sign-sweeper function: on a schedule it looks up signatures whose outcome was never learnt.

use countersign_edge::{Environment, start, telemetry};
use std::sync::Arc;

use countersign_sign::{Signers, sweep};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let signers = Arc::new(Signers::build(&environment, &start::aws(&environment)?)?);
    signers.warm().await;
    start::serve_schedule(move || {
        let signers = Arc::clone(&signers);
        async move { sweep::sweep(&signers).await }
    })
    .await
}
