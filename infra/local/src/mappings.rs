//! What Lambda's event source mappings do: the table's stream feeds `events`, queues feed the couriers.

use std::{pin::Pin, sync::Arc, time::Duration};

use countersign_events::Events;
use countersign_local_aws::{Inside, TableStream};
use countersign_services::delivering;
use countersign_telegram_bot::sending::{self, Courier};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
};

use crate::queues::Queues;

/// How many invocations of one function run at once, as `MaximumConcurrency` in the template.
const CONCURRENCY: usize = 16;
/// How long a receiver waits for a message, in seconds: SQS's most.
const WAIT_SECONDS: u32 = 20;
/// The pause before a batch that failed comes again.
const AGAIN: Duration = Duration::from_millis(200);

/// A function behind a mapping: an event in, what of it failed out.
type Function = Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Value> + Send>> + Send + Sync>;

/// The functions that are fed.
pub(crate) struct Fed {
    pub(crate) events: Arc<Events>,
    pub(crate) courier: Arc<Courier>,
    pub(crate) deliveries: Arc<delivering::Courier>,
}

/// Starts the mappings; without a stream, those of the queues alone.
pub(crate) fn start(
    aws: &Inside,
    stream: Option<TableStream>,
    queues: Queues,
    fed: Fed,
    stopped: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let Fed { events, courier, deliveries } = fed;
    let events = function(move |batch| {
        let events = Arc::clone(&events);
        async move { countersign_events::handle(&events, batch).await }
    });
    let courier = function(move |batch| {
        let courier = Arc::clone(&courier);
        async move { sending::handle(&courier, batch).await }
    });
    let deliveries = function(move |batch| {
        let deliveries = Arc::clone(&deliveries);
        async move { delivering::handle(&deliveries, batch).await }
    });
    let streams = stream.map(|stream| tokio::spawn(feed_from_stream(stream, events, stopped.clone())));
    let queues = [
        tokio::spawn(feed_from_queue(aws.clone(), queues.telegram_url, courier, stopped.clone())),
        tokio::spawn(feed_from_queue(aws.clone(), queues.deliveries_url, deliveries, stopped.clone())),
    ];
    streams.into_iter().chain(queues).collect()
}

/// Any handler of batches as a function of JSON, which is what it is on Lambda.
fn function<B, F, R>(handler: impl Fn(B) -> F + Send + Sync + 'static) -> Function
where
    B: DeserializeOwned,
    F: Future<Output = R> + Send + 'static,
    R: Serialize,
{
    Arc::new(move |event| {
        let batch = serde_json::from_value::<B>(event).map(&handler);
        Box::pin(async move {
            match batch {
                Ok(running) => serde_json::to_value(running.await).unwrap_or_default(),
                Err(error) => {
                    tracing::error!(%error, "a batch is not of the form that the function reads");
                    Value::Null
                }
            }
        })
    })
}

/// What the answer to a batch says has to come again; the first of it where the batch was in order. An answer that is not
/// of the form fails the whole batch, as on Lambda.
fn failures(answer: &Value) -> Option<Vec<&str>> {
    let failures = answer.get("batchItemFailures")?.as_array()?;
    failures.iter().map(|failure| failure.get("itemIdentifier")?.as_str()).collect()
}

/// Only new messages and deliveries: the filter of the template's mapping.
fn is_wanted(record: &Value) -> bool {
    let sk = record.pointer("/dynamodb/Keys/sk/S").and_then(Value::as_str).unwrap_or_default();
    record["eventName"] == "INSERT" && (sk.starts_with("OUT#") || sk.starts_with("DELIVERY#"))
}

fn is_numbered(record: &Value, number: &str) -> bool {
    record.pointer("/dynamodb/SequenceNumber").is_some_and(|sequence| sequence == number)
}

async fn feed_from_stream(mut stream: TableStream, events: Function, mut stopped: watch::Receiver<bool>) {
    loop {
        let records = tokio::select! {
            records = stream.next() => records,
            _ = stopped.wait_for(|stopped| *stopped) => return,
        };
        let Some(records) = records else { return };
        let mut left: Vec<Value> = records.into_iter().filter(is_wanted).collect();
        while !left.is_empty() && !*stopped.borrow() {
            let answer = events(json!({ "Records": left })).await;
            let first = failures(&answer).map(|failed| failed.first().map(|first| (*first).to_owned()));
            match first {
                Some(None) => break,
                Some(Some(first)) => {
                    left = left.into_iter().skip_while(|record| !is_numbered(record, &first)).collect();
                }
                None => {}
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// One message an invocation: a group's next one is seen when this one is done, other groups' at once.
async fn feed_from_queue(aws: Inside, url: String, function: Function, mut stopped: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONCURRENCY));
    let mut running = JoinSet::new();
    let receive = json!({
        "QueueUrl": url, "MaxNumberOfMessages": 1, "WaitTimeSeconds": WAIT_SECONDS, "MessageSystemAttributeNames": ["All"],
    });
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let received = tokio::select! {
            received = aws.sqs("ReceiveMessage", &receive) => received,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        let message = match received {
            Ok(mut answer) => answer.pointer_mut("/Messages/0").map(Value::take),
            Err(error) => {
                tracing::error!(%error, "a queue gives no messages");
                tokio::time::sleep(AGAIN).await;
                None
            }
        };
        if let Some(message) = message {
            let (aws, url, function) = (aws.clone(), url.clone(), Arc::clone(&function));
            running.spawn(async move {
                invoke(&aws, &url, &function, &message).await;
                drop(permit);
            });
        }
        while running.try_join_next().is_some() {}
    }
    while running.join_next().await.is_some() {}
}

/// Hands a message to the function and deletes it where that succeeds. What fails is seen again when its time is over.
async fn invoke(aws: &Inside, url: &str, function: &Function, message: &Value) {
    let record = json!({
        "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
        "md5OfBody": message["MD5OfBody"], "attributes": message["Attributes"], "messageAttributes": {},
        "eventSource": "aws:sqs", "awsRegion": countersign_local_aws::REGION,
    });
    let answer = function(json!({ "Records": [record] })).await;
    if failures(&answer).is_some_and(|failed| failed.is_empty()) {
        let delete = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
        if let Err(error) = aws.sqs("DeleteMessage", &delete).await {
            tracing::error!(%error, "a message that is done was not deleted");
        }
    }
}
