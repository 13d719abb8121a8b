//! The outcome is posted to the service, once, in the form of Standard Webhooks.

use std::time::Duration;

use serde_json::{Value, json};

use super::{approval, ask, message, person, press, seen, task};
use crate::{deliveries::Hook, world::World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_outcome_comes_to_the_service_once() {
    let world = World::start().await;
    let anna = person(&world, 78_000_001, "Anna").await;
    let mut hook = Hook::answering(&[(200, "")]).await;
    let payload = json!({ "question": "Call me?", "kind": "yes_no", "callback_url": hook.url });
    let id = ask(&world, anna, &payload).await;
    let asked = message(&world, anna, "Call me?").await;
    press(&world, anna, anna, &asked, "Yes").await;
    let posted = hook.next().await;
    let event: Value = serde_json::from_str(&posted.body).unwrap();
    assert_eq!((event["type"].as_str(), event["data"]["task_id"].as_u64()), (Some("ask.closed"), Some(id)), "{event}");
    let result = &task(&world, id, 20).await["result"];
    for name in ["outcome", "answer", "answers"] {
        assert_eq!(event["data"][name], result[name], "{event}");
    }
    assert!(!posted.header("webhook-signature").is_empty());
    let body = json!({ "subject": "And this?", "approvers": [anna], "callback_url": hook.url });
    let wanted = approval(&world, &body).await;
    let asked = message(&world, anna, "And this?").await;
    press(&world, anna, anna, &asked, "Deny").await;
    let event: Value = serde_json::from_str(&hook.next().await.body).unwrap();
    assert_eq!((event["type"].as_str(), event["data"]["outcome"].as_str()), (Some("approval.closed"), Some("denied")));
    assert_eq!(
        (&event["data"]["approval_id"], seen(&world, &wanted).await["outcome"].as_str()),
        (&wanted["approval_id"], Some("denied"))
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(hook.waiting(), 0);
    world.stop().await;
}
