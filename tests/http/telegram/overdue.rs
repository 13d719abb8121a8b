//! What has no end in time is queued again: a lost record of the stream loses no message, and nothing is said twice.

use countersign_core::{
    ChatId, Moment, OutId,
    messaging::{BotCall, Origin, OutMessage, OutRecord, OutState, out::ANSWER_LOST},
};
use countersign_local::Options;
use countersign_store::Outgoing;
use serde_json::json;

use super::{texts, until};
use crate::world::{World, unix_seconds};

/// Long enough ago for what was decided then to be overdue.
const LONG_AGO: i64 = 301;

fn seconds_ago(seconds: i64) -> Moment {
    Moment::from_seconds(i64::try_from(unix_seconds()).unwrap() - seconds)
}

/// Decided so many seconds ago: the bot says the number of the message.
async fn tell(world: &World, number: u64, seconds: i64) -> (ChatId, OutId) {
    let chat = i64::try_from(world.named("kms").telegram_id).unwrap();
    let (chat_id, id) = (ChatId::new(chat).unwrap(), OutId::new(number).unwrap());
    let call = BotCall::say(number.to_string());
    let message = OutMessage { id, chat_id, call, origin: Origin::Bot, created_at: seconds_ago(seconds) };
    world.system.store().commit_tell(&message).await.unwrap();
    (chat_id, id)
}

async fn record(world: &World, (chat, id): (ChatId, OutId)) -> OutRecord {
    world.system.store().out(chat, id).await.unwrap().unwrap()
}

async fn ended(world: &World, ids: (ChatId, OutId)) -> OutRecord {
    until("a message ends", async || {
        let record = record(world, ids).await;
        (!matches!(record.state, OutState::Queued | OutState::Sending)).then_some(record)
    })
    .await
}

async fn said(world: &World) -> Vec<String> {
    texts(world, i64::try_from(world.named("kms").telegram_id).unwrap()).await
}

fn sends(world: &World) -> usize {
    world.system.telegram().control().count("/sendMessage")
}

/// What is overdue so many seconds from now.
async fn overdue_in(world: &World, seconds: i64) -> Vec<Outgoing> {
    world.system.store().due_outgoing(seconds_ago(-seconds), 100).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_whose_records_were_lost_are_said_once_and_in_order() {
    let world = World::of(Options { without_stream: true, ..Options::default() }).await;
    let young = tell(&world, 99, 0).await;
    let mut last = young;
    for number in 1..=10 {
        last = tell(&world, number, LONG_AGO).await;
    }
    assert_eq!(ended(&world, last).await.state, OutState::Sent);
    let expected: Vec<_> = (1..=10).map(|number| number.to_string()).collect();
    // The schedule runs twice a second here: time for a second saying.
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!((said(&world).await, sends(&world)), (expected, 10));
    assert_eq!(record(&world, young).await.state, OutState::Queued, "its time is not over");
    assert_eq!(overdue_in(&world, 86_400).await.len(), 1, "whatever has ended is in no index");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_the_queue_already_is_not_said_twice() {
    let world = World::start().await;
    let mut last = tell(&world, 1, LONG_AGO).await;
    for number in 2..=10 {
        last = tell(&world, number, LONG_AGO).await;
    }
    // As a second message that the queue does not know for the same one.
    let (chat, id) = last;
    let body = json!({ "chat_id": chat, "out_id": id }).to_string();
    let queue = world.system.environment().required("TELEGRAM_QUEUE_URL").unwrap();
    let again = json!({
        "QueueUrl": queue, "MessageBody": body, "MessageGroupId": chat.to_string(), "MessageDeduplicationId": "another",
    });
    ended(&world, last).await;
    world.system.aws().inside().sqs("SendMessage", &again).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    let expected: Vec<_> = (1..=10).map(|number| number.to_string()).collect();
    assert_eq!((said(&world).await, sends(&world)), (expected, 10));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_queued_again_is_left_alone_for_an_hour() {
    let world = World::of(Options { without_mappings: true, ..Options::default() }).await;
    tell(&world, 1, LONG_AGO).await;
    until("it is queued again", async || overdue_in(&world, 0).await.is_empty().then_some(())).await;
    assert_eq!((overdue_in(&world, 3500).await.len(), overdue_in(&world, 3700).await.len()), (0, 1));
    let queue = world.system.environment().required("TELEGRAM_QUEUE_URL").unwrap();
    let receive = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10 });
    let received = world.system.aws().inside().sqs("ReceiveMessage", &receive).await.unwrap();
    assert_eq!(received["Messages"].as_array().map(Vec::len), Some(1), "{received}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_died_in_a_couriers_hands_is_closed_and_not_sent_again() {
    let world = World::of(Options { without_stream: true, without_schedules: true, ..Options::default() }).await;
    let ids = tell(&world, 1, LONG_AGO).await;
    world.system.store().claim_out(ids.0, ids.1, "a courier that never came back").await.unwrap();
    let [Outgoing::Message(_)] = overdue_in(&world, 0).await[..] else {
        panic!("a claimed message is still looked at")
    };
    let queue = world.system.environment().required("TELEGRAM_QUEUE_URL").unwrap();
    let body = json!({ "chat_id": ids.0, "out_id": ids.1 }).to_string();
    let again = json!({
        "QueueUrl": queue, "MessageBody": body, "MessageGroupId": ids.0.to_string(), "MessageDeduplicationId": "again",
    });
    world.system.aws().inside().sqs("SendMessage", &again).await.unwrap();
    let record = ended(&world, ids).await;
    assert_eq!((record.state, record.reason.as_deref()), (OutState::Unknown, Some(ANSWER_LOST)));
    assert_eq!((sends(&world), overdue_in(&world, 86_400).await.len()), (0, 0));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_task_of_a_lost_message_ends() {
    let world = World::of(Options { without_stream: true, ..Options::default() }).await;
    let service = world.service("notifier");
    let chat = world.named("kms").telegram_id;
    let key = [("x-api-key", service.api_key.clone())];
    let body = json!({ "type": "send_message", "chat_id": chat, "payload": { "text": "hello" } });
    let (status, _, task) = world.ask(reqwest::Method::POST, "/enqueue_command", &key, Some(&body)).await;
    assert_eq!(status.as_u16(), 202, "{task}");
    // Nobody waits five minutes here: the entry's moment is moved.
    assert_eq!(overdue_in(&world, 301).await.len(), 1);
    world.age("CHAT#", "pending_at").await;
    let done = until("the task ends", async || {
        let path = format!("/api/v1/tasks/{}", task["task_id"]);
        let (_, _, task) = world.ask(reqwest::Method::GET, &path, &key, None).await;
        (task["status"] == "done").then_some(task)
    })
    .await;
    assert!(done["result"]["message_id"].is_i64(), "{done}");
    world.stop().await;
}
