//! The oauth-reminders function: on a schedule it tells people what is due of their linked accounts.

use std::sync::Arc;

use countersign_edge::{Environment, start, telemetry};
use countersign_oauth_door::{Links, reminders};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let links = Arc::new(Links::build(&environment, &start::aws(&environment)?).await?);
    links.warm().await;
    start::serve_schedule(move || {
        let links = Arc::clone(&links);
        async move { reminders::run(&links).await }
    })
    .await
}
