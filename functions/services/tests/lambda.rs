//! The built binaries as they are deployed: init, answers and batches, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{Call, LambdaProcess};
use serde_json::json;

const SERVICES: &str = env!("CARGO_BIN_EXE_services");
const COURIER: &str = env!("CARGO_BIN_EXE_services-courier");

async fn system() -> LocalSystem {
    let quiet = Options { without_mappings: true, without_schedules: true, ..Options::default() };
    LocalSystem::start(quiet).await.unwrap()
}

async fn spawn(binary: &str, system: &LocalSystem) -> LambdaProcess {
    LambdaProcess::spawn(binary, system.process_environment()).await.unwrap()
}

#[tokio::test]
async fn a_task_is_queued_and_shown() {
    let system = system().await;
    let mut process = spawn(SERVICES, &system).await;
    let demo = system.demo();
    let key = &demo.services.iter().find(|service| service.role == "notifier").unwrap().api_key;
    let task = json!({ "type": "send_message", "chat_id": demo.people[0].telegram_id, "payload": { "text": "Hello" } });
    let enqueue = Call::post("/enqueue_command", &task);
    assert_eq!(process.call(&enqueue).await.unwrap().status, 401);
    let queued = process.call(&enqueue.api_key(key)).await.unwrap();
    assert_eq!((queued.status, queued.field("status")), (202, "queued".to_owned()), "{}", queued.text());
    let shown = Call::get(&format!("/api/v1/tasks/{}", queued.json()["task_id"])).api_key(key);
    assert_eq!(process.call(&shown).await.unwrap().field("status"), "queued", "nobody feeds the courier here");
    assert!(!process.output().contains(key), "a key is not logged");
    system.stop().await;
}

#[tokio::test]
async fn a_delivery_that_is_over_is_done_with() {
    let system = system().await;
    let mut process = spawn(COURIER, &system).await;
    let body = json!({ "service_id": system.demo().services[0].id, "delivery_id": 7 }).to_string();
    let record = json!({
        "messageId": "m-1", "receiptHandle": "r-1", "body": body, "attributes": { "ApproximateReceiveCount": "1" },
        "messageAttributes": {}, "eventSource": "aws:sqs",
    });
    let answer = process.invoke(&json!({ "Records": [record] })).await.unwrap().result.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }), "{}", process.output());
    system.stop().await;
}
