//! SQS: standard queues, and FIFO queues whose groups are really locked. Each operation is one function in the file of
//! its topic.

mod attributes;
mod batch;
mod errors;
mod handle;
mod message;
mod queue;
mod queues;
mod receive;
mod redrive;
mod send;
mod settings;
mod visibility;

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep},
};

pub(crate) use errors::query_code;

use crate::{
    clock::millis,
    database::{Store, Turn},
    error::AwsError,
    wire::parse,
};

/// What wakes a long poll: something happened to a message, or the system stops.
pub(crate) struct Bell {
    rung: Notify,
    stopping: watch::Sender<bool>,
}

impl Bell {
    /// Silent.
    pub(crate) fn new() -> Self {
        Self { rung: Notify::new(), stopping: watch::Sender::new(false) }
    }

    /// Lets every waiting receiver look again.
    pub(crate) fn ring(&self) {
        self.rung.notify_waiters();
    }

    /// Ends all waiting, now and later.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

/// The queue as its own URL names it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnlyQueue {
    queue_url: Option<String>,
}

/// Where a request came in: the endpoint as clients know it, and the queue where it was posted to a queue's URL.
pub(crate) struct Place<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) path: &'a str,
}

/// Answers one operation.
pub(crate) async fn call(
    store: &Store,
    bell: &Bell,
    place: &Place<'_>,
    operation: &str,
    body: &[u8],
) -> Result<Value, AwsError> {
    if operation == "ReceiveMessage" {
        return long_poll(store, bell, place, body).await;
    }
    let answer = store.turn(|turn| {
        on_queues(turn, place, operation, body)
            .or_else(|| on_messages(turn, place, operation, body))
            .unwrap_or_else(|| Err(AwsError::unknown_operation()))
    });
    bell.ring();
    answer
}

fn on_queues(turn: &Turn<'_>, place: &Place<'_>, operation: &str, body: &[u8]) -> Option<Result<Value, AwsError>> {
    Some(match operation {
        "CreateQueue" => parse(body).and_then(|input| queues::create(turn, place, input)),
        "GetQueueUrl" => parse(body).and_then(|input| queues::url(turn, place, input)),
        "ListQueues" => parse(body).and_then(|input| queues::list(turn, place, input)),
        "DeleteQueue" => queue::of_request(turn, place, body).and_then(|queue| queues::delete(turn, &queue)),
        "PurgeQueue" => queue::of_request(turn, place, body).and_then(|queue| queues::purge(turn, &queue)),
        "GetQueueAttributes" => with_queue(turn, place, body, attributes::get),
        "SetQueueAttributes" => with_queue(turn, place, body, attributes::set),
        _ => return None,
    })
}

fn on_messages(turn: &Turn<'_>, place: &Place<'_>, operation: &str, body: &[u8]) -> Option<Result<Value, AwsError>> {
    Some(match operation {
        "SendMessage" => with_queue(turn, place, body, send::one),
        "SendMessageBatch" => with_queue(turn, place, body, send::batch),
        "DeleteMessage" => with_queue(turn, place, body, visibility::delete),
        "DeleteMessageBatch" => with_queue(turn, place, body, visibility::delete_batch),
        "ChangeMessageVisibility" => with_queue(turn, place, body, visibility::change),
        "ChangeMessageVisibilityBatch" => with_queue(turn, place, body, visibility::change_batch),
        _ => return None,
    })
}

fn with_queue<T: serde::de::DeserializeOwned>(
    turn: &Turn<'_>,
    place: &Place<'_>,
    body: &[u8],
    work: impl FnOnce(&Turn<'_>, queue::Queue, T) -> Result<Value, AwsError>,
) -> Result<Value, AwsError> {
    let queue = queue::of_request(turn, place, body)?;
    work(turn, queue, parse(body)?)
}

/// `ReceiveMessage`: looks, and where nothing is there waits until something may be.
async fn long_poll(store: &Store, bell: &Bell, place: &Place<'_>, body: &[u8]) -> Result<Value, AwsError> {
    let mut stopping = bell.stopping.subscribe();
    let mut deadline = None;
    loop {
        let mut rung = std::pin::pin!(bell.rung.notified());
        rung.as_mut().enable();
        let look = store.turn(|turn| {
            let queue = queue::of_request(turn, place, body)?;
            receive::look(turn, &queue, parse(body)?)
        })?;
        let deadline = *deadline.get_or_insert_with(|| Instant::now() + look.wait);
        if !look.messages.is_empty() {
            return Ok(json!({ "Messages": look.messages }));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || *stopping.borrow_and_update() {
            return Ok(json!({}));
        }
        tokio::select! {
            () = rung => {}
            () = sleep(look.next.map_or(left, |next| left.min(until(store, next)))) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// How long it is to a moment; at least a millisecond, so that a loop makes way for others.
fn until(store: &Store, at_millis: i64) -> Duration {
    let left = at_millis.saturating_sub(store.clock.now_millis()).clamp(1, millis(Duration::from_secs(60)));
    Duration::from_millis(u64::try_from(left).unwrap_or(1))
}
