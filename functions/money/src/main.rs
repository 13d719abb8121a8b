//! The transactions function: clients once, warmed, then requests.

use countersign_edge::{Environment, start, telemetry};
use countersign_money::{Money, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let money = Money::build(&environment, &start::aws(&environment)?).await?;
    start::serve(router(money)).await
}
