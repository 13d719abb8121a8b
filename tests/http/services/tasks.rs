//! Tasks: every type is done by the bot, waited for or not, in the order of the chat, and seen by their service alone.

use std::time::{Duration, Instant};

use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

use super::{by_key, made, refused, signed};
use crate::world::World;

const ENQUEUE: &str = "/enqueue_command";
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async fn enqueue(world: &World, service: &Value, body: &Value) -> Answer {
    by_key(world, service, Call::post(ENQUEUE, body)).await
}

/// A command that is waited for; its result.
async fn done(world: &World, service: &Value, kind: &str, chat: i64, payload: Value) -> Value {
    let body = json!({ "type": kind, "chat_id": chat, "payload": payload, "wait_seconds": 20 });
    let answer = enqueue(world, service, &body).await;
    assert_eq!((answer.status, answer.field("status").as_str()), (200, "done"), "{kind}: {}", answer.text());
    answer.json()["result"].clone()
}

/// A person who has a chat with the bot, and that chat.
async fn chat(world: &World) -> i64 {
    let person = world.person("python_bot_kms");
    say(world, person.telegram_id, "/start").await;
    i64::try_from(person.telegram_id).unwrap()
}

fn standin(world: &World) -> String {
    world.system.demo().standins.telegram.clone().unwrap()
}

async fn say(world: &World, person: u64, text: &str) {
    let url = format!("{}/_control/people/{person}/message", standin(world));
    let sent =
        world.http.post(url).header("content-type", "application/json").body(json!({ "text": text }).to_string());
    assert!(sent.send().await.unwrap().status().is_success());
}

async fn messages(world: &World, chat: i64) -> Vec<Value> {
    let url = format!("{}/_control/chats/{chat}", standin(world));
    let text = world.http.get(url).send().await.unwrap().text().await.unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["messages"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_is_done() {
    let world = World::start().await;
    let (service, chat) = (made(&world, "notifier").await, chat(&world).await);
    let sent = done(&world, &service, "send_message", chat, json!({ "text": "first" })).await;
    let id = sent["message_id"].as_i64().unwrap();
    done(&world, &service, "edit_message", chat, json!({ "message_id": id, "text": "second" })).await;
    done(&world, &service, "pin_message", chat, json!({ "message_id": id })).await;
    assert!(messages(&world, chat).await.iter().any(|message| message["text"] == "second"));
    done(&world, &service, "delete_message", chat, json!({ "message_id": id })).await;
    assert!(!messages(&world, chat).await.iter().any(|message| message["message_id"] == id));
    let photo = json!({ "photo": { "name": "a.png", "base64": PIXEL }, "caption": "a picture" });
    assert!(done(&world, &service, "send_photo", chat, photo).await["message_id"].is_i64());
    let file = json!({ "document": { "name": "a.txt", "base64": "aGVsbG8=" } });
    assert!(done(&world, &service, "send_document", chat, file).await["message_id"].is_i64());
    assert_eq!(done(&world, &service, "get_chat", chat, json!({})).await["id"], chat);
    let member = done(&world, &service, "get_chat_member", chat, json!({ "user_id": chat })).await;
    assert!(member["status"].is_string(), "{member}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_telegram_refuses_is_a_failed_task_with_its_reason() {
    let world = World::start().await;
    let (service, chat) = (made(&world, "notifier").await, chat(&world).await);
    for (kind, payload) in [
        ("set_chat_title", json!({ "title": "Ours" })),
        ("set_chat_description", json!({ "description": "Ours" })),
        ("edit_message", json!({ "message_id": 4711, "text": "x" })),
    ] {
        let body = json!({ "type": kind, "chat_id": chat, "payload": payload, "wait_seconds": 20 });
        let answer = enqueue(&world, &service, &body).await;
        assert_eq!((answer.status, answer.field("status").as_str()), (200, "failed"), "{kind}: {}", answer.text());
        assert!(!answer.field("reason").is_empty(), "{}", answer.text());
    }
    world.stop().await;
}

/// What a question shows is what is decided: no service edits, deletes or pins it, nor what another one has said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_changes_its_own_messages_alone() {
    let world = World::start().await;
    let (service, other, chat) = (made(&world, "notifier").await, made(&world, "notifier").await, chat(&world).await);
    let theirs = done(&world, &other, "send_message", chat, json!({ "text": "theirs" })).await["message_id"].clone();
    let own = done(&world, &service, "send_message", chat, json!({ "text": "own" })).await["message_id"].clone();
    let ask = json!({ "type": "ask", "chat_id": chat, "payload": { "question": "Pay 50 XLM?", "kind": "yes_no" } });
    assert_eq!(enqueue(&world, &service, &ask).await.status, 202);
    // Its turn comes when the question is there: the order of the chat is kept.
    done(&world, &service, "send_message", chat, json!({ "text": "after it" })).await;
    let before = messages(&world, chat).await;
    let question = before.iter().find(|message| message["text"].as_str().unwrap().starts_with("Pay 50")).unwrap();
    for id in [&theirs, &question["message_id"]] {
        for (kind, more) in [
            ("edit_message", json!({ "text": "Pay 5 XLM?" })),
            ("delete_message", json!({})),
            ("pin_message", json!({})),
        ] {
            let mut payload = more.clone();
            payload["message_id"] = id.clone();
            let body = json!({ "type": kind, "chat_id": chat, "payload": payload, "wait_seconds": 20 });
            let answer = enqueue(&world, &service, &body).await;
            assert_eq!((answer.status, answer.field("status").as_str()), (200, "failed"), "{kind}: {}", answer.text());
            assert!(answer.field("reason").contains("another service's"), "{}", answer.text());
        }
    }
    assert_eq!(messages(&world, chat).await, before);
    done(&world, &service, "edit_message", chat, json!({ "message_id": own, "text": "changed" })).await;
    // What people have written is no message of the house's.
    let written = before.iter().find(|message| message["from"] == chat).unwrap();
    done(&world, &service, "delete_message", chat, json!({ "message_id": written["message_id"] })).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_poll_ends_with_the_task() {
    let world = World::start().await;
    let (service, chat) = (made(&world, "notifier").await, chat(&world).await);
    let body = json!({ "type": "send_message", "chat_id": chat, "payload": { "text": "polled" } });
    let queued = enqueue(&world, &service, &body).await;
    assert_eq!((queued.status, queued.field("status").as_str()), (202, "queued"), "{}", queued.text());
    let id = queued.json()["task_id"].clone();
    let begun = Instant::now();
    let task = by_key(&world, &service, Call::get(&format!("/api/v1/tasks/{id}?wait_seconds=20"))).await.json();
    assert!(task["status"] == "done" && begun.elapsed() < Duration::from_secs(15), "{task}");
    assert_eq!((&task["type"], &task["chat_id"]), (&json!("send_message"), &json!(chat)));
    assert!(task["created_at"].is_string() && task["finished_at"].is_string(), "{task}");
    let now = signed(&world, &service, Call::get(&format!("/api/v1/tasks/{id}"))).await;
    assert_eq!(now.json(), task);
    // A repeated request that waits is answered with what became of the first one's task.
    let waiting = json!({ "type": "send_message", "chat_id": chat, "payload": { "text": "kept" }, "wait_seconds": 20 });
    let call = || Call::post(ENQUEUE, &waiting).idempotent("waits");
    let (first, again) = (by_key(&world, &service, call()).await, by_key(&world, &service, call()).await);
    assert_eq!((first.status, again.status, &first.body), (200, 200, &again.body), "{}", first.text());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_order_of_a_chat_is_kept() {
    let world = World::start().await;
    let (service, chat) = (made(&world, "notifier").await, chat(&world).await);
    let mut last = Value::Null;
    for number in 0..8 {
        let body = json!({ "type": "send_message", "chat_id": chat, "payload": { "text": format!("n {number}") } });
        last = enqueue(&world, &service, &body).await.json();
    }
    let path = format!("/api/v1/tasks/{}?wait_seconds=25", last["task_id"]);
    assert_eq!(by_key(&world, &service, Call::get(&path)).await.field("status"), "done");
    let said = messages(&world, chat).await;
    let texts: Vec<_> = said.iter().filter_map(|message| message["text"].as_str()?.strip_prefix("n ")).collect();
    assert_eq!(texts, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_are_paged_and_their_services_own() {
    let world = World::start().await;
    let (service, other) = (made(&world, "notifier").await, made(&world, "notifier").await);
    let mut ids = Vec::new();
    for number in 0..5 {
        let body = json!({ "type": "send_message", "chat_id": 4_711, "payload": { "text": number.to_string() } });
        ids.push(enqueue(&world, &service, &body).await.json()["task_id"].as_u64().unwrap());
    }
    let (mut seen, mut target) = (Vec::new(), "/api/v1/tasks?limit=2".to_owned());
    loop {
        let page = by_key(&world, &service, Call::get(&target)).await.json();
        seen.extend(page["tasks"].as_array().unwrap().iter().map(|task| task["task_id"].as_u64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        target = format!("/api/v1/tasks?limit=2&cursor={cursor}");
    }
    ids.reverse();
    assert_eq!(seen, ids);
    let path = format!("/api/v1/tasks/{}", ids[0]);
    refused(&by_key(&world, &other, Call::get(&path)).await, 404);
    assert_eq!(by_key(&world, &other, Call::get("/api/v1/tasks")).await.json()["tasks"], json!([]));
    for bad in ["/api/v1/tasks/1", "/api/v1/tasks/x"] {
        refused(&by_key(&world, &service, Call::get(bad)).await, 404);
    }
    for bad in ["?wait_seconds=26", "?wait_seconds=-1", "?wait_seconds=x"] {
        refused(&by_key(&world, &service, Call::get(&format!("{path}{bad}"))).await, 400);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_and_nothing_is_enqueued() {
    let world = World::start().await;
    let service = made(&world, "notifier").await;
    let good = json!({ "type": "send_message", "chat_id": 4_711, "payload": { "text": "x" } });
    for (name, value, words) in [
        ("type", json!("fly"), "type must be one of"),
        ("chat_id", json!(0), "not of the form"),
        ("chat_id", json!("4711"), "not of the form"),
        ("payload", json!({}), "text"),
        ("payload", json!({ "text": "x".repeat(4097) }), "4096"),
        ("wait_seconds", json!(26), "wait_seconds"),
        ("wait_seconds", json!(-1), "not of the form"),
    ] {
        let mut bad = good.clone();
        bad[name] = value.clone();
        let detail = refused(&enqueue(&world, &service, &bad).await, 400);
        assert!(detail.contains(words), "{name} {value}: {detail}");
    }
    assert_eq!(by_key(&world, &service, Call::get("/api/v1/tasks")).await.json()["tasks"], json!([]));
    for role in ["token_reader", "bot_runner", "mini_app_backend"] {
        let other = made(&world, role).await;
        refused(&enqueue(&world, &other, &good).await, 403);
        refused(&signed(&world, &other, Call::post(ENQUEUE, &good)).await, 403);
    }
    refused(&world.send(&Call::post(ENQUEUE, &good)).await, 401);
    let person = world.newcomer().await;
    refused(&world.send(&Call::post(ENQUEUE, &good).bearer(&person.access_token)).await, 403);
    world.stop().await;
}
