//! `Idempotency-Key` on the services' routes: one task, one answer, whoever asks how often.

use countersign_testkit::Call;
use serde_json::{Value, json};

use super::{by_key, made, of, put, refused};
use crate::world::World;

fn command(chat: u64, wait: u64) -> Value {
    json!({ "type": "send_message", "chat_id": chat, "payload": { "text": "once" }, "wait_seconds": wait })
}

fn enqueue(body: &Value, key: &str) -> Call {
    Call::post("/enqueue_command", body).idempotent(key)
}

async fn tasks(world: &World, service: &Value) -> usize {
    by_key(world, service, Call::get("/api/v1/tasks")).await.json()["tasks"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_makes_one_task() {
    let world = World::start().await;
    let (service, person) = (made(&world, "notifier").await, world.newcomer().await);
    let body = command(person.telegram_id, 0);
    let first = by_key(&world, &service, enqueue(&body, "k-1")).await;
    let again = by_key(&world, &service, enqueue(&body, "k-1")).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (202, None), "{}", first.text());
    assert_eq!((again.status, again.header("idempotent-replayed")), (202, Some("true")));
    assert_eq!(again.body, first.body);
    refused(&by_key(&world, &service, enqueue(&command(person.telegram_id + 1, 0), "k-1")).await, 422);
    assert_eq!(tasks(&world, &service).await, 1);
    // A key is the service's own.
    let other = made(&world, "notifier").await;
    assert_eq!(by_key(&world, &other, enqueue(&body, "k-1")).await.header("idempotent-replayed"), None);
    for bad in ["", "a b", &"x".repeat(256)] {
        refused(&by_key(&world, &service, enqueue(&body, bad)).await, 400);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_make_one_task() {
    let world = World::start().await;
    let (service, person) = (made(&world, "notifier").await, world.newcomer().await);
    let body = command(person.telegram_id, 0);
    let calls: Vec<_> = (0..10).map(|_| by_key(&world, &service, enqueue(&body, "twins"))).collect();
    let mut ids = std::collections::BTreeSet::new();
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.status, 202, "{}", answer.text());
        ids.insert(answer.json()["task_id"].as_u64().unwrap());
    }
    assert_eq!((ids.len(), tasks(&world, &service).await), (1, 1));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_request_is_not_kept() {
    let world = World::start().await;
    let (service, person) = (made(&world, "notifier").await, world.newcomer().await);
    let bad = json!({ "type": "send_message", "chat_id": person.telegram_id, "payload": { "text": "" } });
    refused(&by_key(&world, &service, enqueue(&bad, "k-2")).await, 400);
    let good = by_key(&world, &service, enqueue(&command(person.telegram_id, 0), "k-2")).await;
    assert_eq!(good.status, 202, "{}", good.text());
    let list =
        json!([{ "command": "x1", "description": "x", "url": "https://hooks.countersign.dev/a", "roles": ["user"] }]);
    let set = || put(&of(&service, "/commands"), &list).idempotent("k-3");
    let first = by_key(&world, &service, set()).await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(by_key(&world, &service, put(&of(&service, "/commands"), &json!([]))).await.status, 200);
    let replayed = by_key(&world, &service, set()).await;
    assert_eq!((replayed.header("idempotent-replayed"), &replayed.body), (Some("true"), &first.body));
    let now = by_key(&world, &service, Call::get(&of(&service, "/commands"))).await.json();
    assert_eq!(now["commands"], json!([]), "a replay wrote");
    world.stop().await;
}
