//! Batches of the queue: every message by itself, side by side, and only what must come again is named.

use aws_config::SdkConfig;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use countersign_core::{
    Refusal, limits,
    messaging::{DeliveryRecord, DeliveryRef, DeliveryStatus, Turn},
};
use countersign_edge::{Environment, GateKeeper, clock, start::Error};
use countersign_outbound::{Outbound, Rules};
use countersign_queue::Queue;
use countersign_store::{Guard, Store};
use futures_util::future::join_all;

use super::{attempt, reply};

/// What the courier holds: clients built once.
pub struct Courier {
    pub(super) store: Store,
    pub(super) gate: GateKeeper,
    pub(super) outbound: Outbound,
    queue: Queue,
}

/// What becomes of a message of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Its delivery has ended.
    Done,
    /// It comes again after so many seconds.
    After(i64),
    /// It comes again when the queue's own time is over; after too often it goes to the dead letters.
    Stuck,
}

impl Courier {
    /// Builds the clients and reads the gate's secrets, of which the signatures are derived. Variables: `TABLE_NAME`,
    /// `GATE_SECRET_ID`, `DELIVERIES_QUEUE_URL`, `OUTBOUND_PORTS` (beside 443), `OUTBOUND_LOOPBACK` (for the local system).
    ///
    /// # Errors
    /// Where a variable is missing or wrong, or the secrets cannot be read.
    pub async fn build(environment: &Environment, aws: &SdkConfig) -> Result<Self, Error> {
        let loopback = environment.switch("OUTBOUND_LOOPBACK")?;
        let rules = Rules::read(environment.optional("OUTBOUND_PORTS"), loopback)
            .ok_or_else(|| environment.wrong("OUTBOUND_PORTS", "must be port numbers with commas between"))?;
        let store = Store::new(aws, environment.required("TABLE_NAME")?);
        let queue = Queue::new(aws, environment.required("DELIVERIES_QUEUE_URL")?);
        let (gate, warm) = tokio::join!(GateKeeper::load(aws, environment), store.warm());
        if let Err(error) = warm {
            tracing::warn!(%error, "the table did not answer at start");
        }
        Ok(Self { store, gate: gate?, outbound: Outbound::new(rules)?, queue })
    }
}

/// Handles a batch; the answer names the messages that must come again, and those are hidden until then.
pub async fn handle(courier: &Courier, batch: SqsEvent) -> SqsBatchResponse {
    let handled = join_all(batch.records.iter().map(|message| one(courier, message))).await;
    let mut response = SqsBatchResponse::default();
    for id in handled.into_iter().flatten() {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        response.batch_item_failures.push(failure);
    }
    response
}

/// The message's id where it must come again.
async fn one(courier: &Courier, message: &SqsMessage) -> Option<String> {
    let next = deliver(courier, message).await.unwrap_or_else(|refusal| {
        tracing::warn!(%refusal, reason = refusal.internal.as_deref(), "a delivery was not looked at");
        Next::Stuck
    });
    match next {
        Next::Done => return None,
        Next::After(seconds) => hide(courier, message, seconds).await,
        Next::Stuck => {}
    }
    message.message_id.clone()
}

/// A wait that is longer than SQS hides a message is made in steps.
async fn hide(courier: &Courier, message: &SqsMessage, seconds: i64) {
    let Some(receipt) = message.receipt_handle.as_deref() else { return };
    let seconds = u32::try_from(seconds.clamp(0, limits::DELIVERY_WAIT_SECONDS)).unwrap_or_default();
    if let Err(error) = courier.queue.hide(&[receipt], seconds).await {
        // It comes again earlier than it should, and is hidden then.
        tracing::warn!(%error, "a message was not hidden");
    }
}

async fn deliver(courier: &Courier, message: &SqsMessage) -> Result<Next, Refusal> {
    let Some(delivery) = message.body.as_deref().and_then(DeliveryRef::parse) else {
        tracing::error!("a message of the queue names no delivery");
        return Ok(Next::Stuck);
    };
    let Some(record) = courier.store.delivery(delivery.service_id, delivery.delivery_id).await? else {
        return Ok(Next::Done);
    };
    let now = clock::now();
    let claimed = match record.for_courier(&receipt(message), now) {
        Turn::Over => return Ok(Next::Done),
        Turn::Wait(seconds) => return Ok(Next::After(seconds)),
        Turn::Try(claimed) => claimed,
    };
    match courier.store.claim_delivery(&claimed).await {
        Ok(()) => close(courier, &claimed).await,
        // Another courier has it: what it left is seen next time.
        Err(error) if error.failed(Guard::Delivery) => Ok(Next::After(limits::DELIVERY_CLAIM_SECONDS)),
        Err(error) => Err(error.into()),
    }
}

/// One receipt of a message: the same message is received again under another one.
fn receipt(message: &SqsMessage) -> String {
    let id = message.message_id.as_deref().unwrap_or_default();
    let times = message.attributes.get("ApproximateReceiveCount").map_or("", String::as_str);
    format!("{id}/{times}")
}

/// Tries a claimed delivery and commits what follows.
async fn close(courier: &Courier, claimed: &DeliveryRecord) -> Result<Next, Refusal> {
    let tried = attempt::attempt(courier, &claimed.delivery).await?;
    let now = clock::now();
    let after = claimed.after(&tried.outcome, now, clock::random());
    if tried.outcome.is_gone() {
        courier.store.commit_gone(&claimed.delivery).await?;
    }
    let reply = reply::read(&claimed.delivery, &tried, now);
    match courier.store.commit_try(claimed, &after, reply.as_ref()).await {
        Ok(()) => log(&after),
        // It took longer than the claim: another courier tries it, under the same webhook-id.
        Err(error) if error.failed(Guard::Delivery) => return Ok(Next::After(limits::DELIVERY_CLAIM_SECONDS)),
        Err(error) => return Err(error.into()),
    }
    Ok(match after.delivery.status {
        DeliveryStatus::Queued => Next::After(after.due_at.seconds().saturating_sub(now.seconds()).max(1)),
        DeliveryStatus::Delivered | DeliveryStatus::Failed => Next::Done,
    })
}

/// Neither the URL nor the body: they are the service's.
fn log(after: &DeliveryRecord) {
    let delivery = &after.delivery;
    let (service, id, attempt) = (delivery.service_id.get(), delivery.id.get(), delivery.attempt);
    let reason = delivery.reason.as_deref().unwrap_or_default();
    match delivery.status {
        DeliveryStatus::Failed => tracing::warn!(service, delivery = id, attempt, reason, "delivery given up"),
        DeliveryStatus::Queued => tracing::info!(service, delivery = id, attempt, reason, "delivery put off"),
        DeliveryStatus::Delivered => tracing::info!(service, delivery = id, attempt, "delivered"),
    }
}
