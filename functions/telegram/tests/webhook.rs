//! The built webhook as it is deployed: init and answers, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{Call, LambdaProcess};
use serde_json::json;

const WEBHOOK: &str = env!("CARGO_BIN_EXE_telegram-webhook");
const SECRET_TOKEN: &str = "x-telegram-bot-api-secret-token";

#[tokio::test]
async fn a_command_is_answered_in_the_response_once() {
    let system = LocalSystem::start(Options { without_schedules: true, ..Options::default() }).await.unwrap();
    let mut process = LambdaProcess::spawn(WEBHOOK, system.process_environment()).await.unwrap();
    let update = Call::post(
        "/telegram/webhook",
        &json!({ "update_id": 11, "message": {
        "message_id": 5, "date": 1_795_000_000, "text": "/help",
        "from": { "id": 77_001, "is_bot": false, "first_name": "Ann", "language_code": "en" },
        "chat": { "id": 77_001, "type": "private", "first_name": "Ann" },
        "entities": [{ "type": "bot_command", "offset": 0, "length": 5 }],
    } }),
    );
    assert_eq!(process.call(&update).await.unwrap().status, 401, "no secret, no update");
    let update = update.header(SECRET_TOKEN, system.demo().bot.webhook_secret.as_str());
    let answer = process.call(&update).await.unwrap();
    assert_eq!((answer.status, answer.field("method")), (200, "sendMessage".to_owned()), "{}", answer.text());
    let again = process.call(&update).await.unwrap();
    assert_eq!((again.status, again.text()), (200, String::new()), "a redelivery has no second effect");
    assert!(!process.output().contains(&system.demo().bot.webhook_secret), "the secret is not logged");
    system.stop().await;
}
