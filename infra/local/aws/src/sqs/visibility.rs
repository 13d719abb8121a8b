//! What a receiver does with a delivery: delete the message, or change for how long others do not see it.

use rusqlite::{OptionalExtension as _, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    batch,
    errors::invalid_value,
    handle::{self, Handle},
    queue::Queue,
    settings::bounded,
};
use crate::{database::Turn, error::AwsError};

/// The longest a message is kept from others, in seconds.
pub(super) const MOST_SECONDS: i64 = 43_200;

/// One delivery, alone or in a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delivery {
    #[serde(default)]
    id: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Deliveries {
    entries: Vec<Delivery>,
}

/// `DeleteMessage`.
pub(super) fn delete(turn: &Turn<'_>, queue: Queue, input: Delivery) -> Result<Value, AwsError> {
    delete_one(turn, &queue, &input)
}

/// `DeleteMessageBatch`.
pub(super) fn delete_batch(turn: &Turn<'_>, queue: Queue, input: Deliveries) -> Result<Value, AwsError> {
    batch::run(&input.entries, |entry| &entry.id, |entry| delete_one(turn, &queue, entry))
}

/// A message that is gone is no error. A delivery that is over deletes nothing: silently in a standard queue, while a
/// FIFO queue says so, because another may have the message by now.
fn delete_one(turn: &Turn<'_>, queue: &Queue, delivery: &Delivery) -> Result<Value, AwsError> {
    let handle = handle::read(&queue.name, &delivery.receipt_handle)?;
    let Some((receipt, visible_at)) = look_up(turn, queue, &handle)? else { return Ok(json!({})) };
    let last = receipt.as_deref() == Some(handle.receipt.as_str());
    if queue.is_fifo() && !(last && visible_at > turn.now) {
        return Err(invalid_value(&delivery.receipt_handle, "ReceiptHandle", "The receipt handle has expired."));
    }
    if last {
        turn.tx.execute("DELETE FROM sqs_message WHERE seq = ?1", [handle.seq])?;
    }
    Ok(json!({}))
}

/// One change, alone or in a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Change {
    #[serde(default)]
    id: String,
    receipt_handle: String,
    visibility_timeout: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Changes {
    entries: Vec<Change>,
}

/// `ChangeMessageVisibility`.
pub(super) fn change(turn: &Turn<'_>, queue: Queue, input: Change) -> Result<Value, AwsError> {
    change_one(turn, &queue, &input)
}

/// `ChangeMessageVisibilityBatch`.
pub(super) fn change_batch(turn: &Turn<'_>, queue: Queue, input: Changes) -> Result<Value, AwsError> {
    batch::run(&input.entries, |entry| &entry.id, |entry| change_one(turn, &queue, entry))
}

fn change_one(turn: &Turn<'_>, queue: &Queue, change: &Change) -> Result<Value, AwsError> {
    let seconds = bounded("VisibilityTimeout", change.visibility_timeout, 0..=MOST_SECONDS)?;
    let handle = handle::read(&queue.name, &change.receipt_handle)?;
    match look_up(turn, queue, &handle)? {
        Some((Some(receipt), visible_at)) if receipt == handle.receipt => {
            if visible_at <= turn.now {
                return Err(AwsError::new("MessageNotInflight", "The specified message isn't in flight."));
            }
        }
        _ => {
            let reason = "Message does not exist or is not available for visibility timeout change.";
            return Err(invalid_value(&change.receipt_handle, "ReceiptHandle", reason));
        }
    }
    turn.tx.execute(
        "UPDATE sqs_message SET visible_at = ?2 WHERE seq = ?1",
        params![handle.seq, turn.now + seconds * 1_000],
    )?;
    Ok(json!({}))
}

/// The message's last receipt and when it is seen again.
fn look_up(turn: &Turn<'_>, queue: &Queue, handle: &Handle) -> Result<Option<(Option<String>, i64)>, AwsError> {
    let mut query =
        turn.tx.prepare_cached("SELECT receipt, visible_at FROM sqs_message WHERE queue = ?1 AND seq = ?2")?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(query.query_row(params![queue.name, handle.seq], read).optional()?)
}
