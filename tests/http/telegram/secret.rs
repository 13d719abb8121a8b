//! Who may call the webhook: Telegram, which knows its secret, and nobody else.

use reqwest::Method;
use serde_json::json;

use super::{stranger, texts};
use crate::world::{World, refused};

const WEBHOOK: &str = "/telegram/webhook";
const HEADER: &str = "x-telegram-bot-api-secret-token";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_secret_nothing_happens() {
    let world = World::start().await;
    let eve = stranger(&world, 61_000_001, None).await;
    let update = json!({ "update_id": 900_000_001, "message": {
        "message_id": 1, "date": 1, "text": "/help", "chat": { "id": eve, "type": "private" },
        "from": { "id": eve, "is_bot": false, "first_name": "Eve" },
    } });
    let secret = world.system.demo().bot.webhook_secret.clone();
    let admin = world.admin().access_token;
    for headers in [
        vec![],
        vec![(HEADER, String::new())],
        vec![(HEADER, format!("{secret}x"))],
        vec![(HEADER, secret.to_uppercase())],
        vec![(HEADER, secret.clone()), (HEADER, secret.clone())],
        vec![("authorization", format!("Bearer {admin}"))],
        vec![("x-api-key", secret.clone())],
    ] {
        refused(&world.ask(Method::POST, WEBHOOK, &headers, Some(&update)).await, 401);
    }
    let (status, _, reply) = world.ask(Method::POST, WEBHOOK, &[(HEADER, secret)], Some(&update)).await;
    assert_eq!((status.as_u16(), &reply["method"], &reply["chat_id"]), (200, &json!("sendMessage"), &json!(eve)));
    // The answer is Telegram's to run: nothing was sent by us.
    assert!(texts(&world, i64::try_from(eve).unwrap()).await.is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_update_is_refused_or_left() {
    let world = World::start().await;
    let secret = || vec![(HEADER, world.system.demo().bot.webhook_secret.clone())];
    for bad in [json!([]), json!({}), json!({ "update_id": 0 }), json!({ "update_id": "1" }), json!("x")] {
        refused(&world.ask(Method::POST, WEBHOOK, &secret(), Some(&bad)).await, 400);
    }
    let large = json!({ "update_id": 1, "x": "y".repeat(256 * 1024) });
    refused(&world.ask(Method::POST, WEBHOOK, &secret(), Some(&large)).await, 413);
    for nothing in [
        json!({ "update_id": 900_000_002 }),
        json!({ "update_id": 900_000_003, "poll": { "id": "1" } }),
        json!({ "update_id": 900_000_004, "something_new": {} }),
        // It would come again for a day, and its chat would wait.
        json!({ "update_id": 900_000_005, "message": { "message_id": "one" } }),
        json!({ "update_id": 900_000_006, "callback_query": { "id": 7 } }),
    ] {
        let (status, _, body) = world.ask(Method::POST, WEBHOOK, &secret(), Some(&nothing)).await;
        assert_eq!((status.as_u16(), body), (200, serde_json::Value::Null), "{nothing}");
    }
    refused(&world.ask(Method::GET, WEBHOOK, &secret(), None).await, 405);
    world.stop().await;
}
