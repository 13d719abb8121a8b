//! The events door: what a transaction decided to tell or deliver goes from the table's stream to its queue.
//!
//! Nothing is decided here and nothing is called outside: a record that a queue did not take comes again, with all after it.

pub mod due;
mod overdue;

use aws_config::SdkConfig;
use aws_lambda_events::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use countersign_core::messaging::OutRef;
use countersign_edge::{Environment, start::Error};
use countersign_queue::{OrderedQueue, Queue, QueueError};
use countersign_store::Outgoing;

/// What the door holds: the two queues.
pub struct Events {
    telegram: OrderedQueue,
    deliveries: Queue,
}

impl Events {
    /// Builds the clients. Variables: `TELEGRAM_QUEUE_URL`, `DELIVERIES_QUEUE_URL`.
    ///
    /// # Errors
    /// Where a variable is missing.
    pub fn build(environment: &Environment, aws: &SdkConfig) -> Result<Self, Error> {
        Ok(Self {
            telegram: OrderedQueue::new(aws, environment.required("TELEGRAM_QUEUE_URL")?),
            deliveries: Queue::new(aws, environment.required("DELIVERIES_QUEUE_URL")?),
        })
    }
}

/// Hands a batch of the stream on, in its order. It stops at the first record that a queue does not take and names it:
/// Lambda sends that one and all after it again. What then is in a queue twice is dropped there or by the claim.
pub async fn handle(events: &Events, batch: Event) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    for record in &batch.records {
        let Some(outgoing) = outgoing(record) else { continue };
        if let Err(error) = hand_on(events, outgoing).await {
            tracing::warn!(%error, "a queue did not take a record");
            let mut failed = DynamoDbBatchItemFailure::default();
            failed.item_identifier.clone_from(&record.change.sequence_number);
            response.batch_item_failures.push(failed);
            break;
        }
    }
    response
}

/// What a new item tells or delivers; nothing for any other record.
fn outgoing(record: &EventRecord) -> Option<Outgoing> {
    if record.event_name != "INSERT" {
        return None;
    }
    let keys = record.change.keys.inner();
    let text = |name: &str| match keys.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text.as_str()),
        _ => None,
    };
    Outgoing::of_key(text("pk")?, text("sk")?)
}

async fn hand_on(events: &Events, outgoing: Outgoing) -> Result<(), QueueError> {
    match outgoing {
        Outgoing::Message(message) => {
            let OutRef { chat_id, out_id } = message;
            // Ids are unique in their chat alone.
            events.telegram.send(&chat_id.to_string(), &format!("{chat_id}.{out_id}"), &message.to_json()).await
        }
        Outgoing::Delivery(delivery) => events.deliveries.send(&delivery.to_json(), 0).await,
    }
}
