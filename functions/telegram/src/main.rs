//! The telegram-webhook function: clients once, warmed, then Telegram's updates.

use countersign_edge::{Environment, start, telemetry};
use countersign_telegram_bot::{Bot, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), start::Error> {
    let environment = Environment::of_process();
    telemetry::init(&environment, &[]);
    let bot = Bot::build(&environment, &start::aws(&environment)?).await?;
    start::serve(router(bot)).await
}
