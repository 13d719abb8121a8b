//! Sending: into a standard queue, or into a group of a FIFO queue and at most once in five minutes.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    batch,
    errors::{invalid, invalid_value, missing},
    handle::sequence_number,
    message::{Attribute, Attributes, md5_of_attributes, md5_of_body, measure},
    queue::Queue,
    settings::bounded,
};
use crate::{database::Turn, error::AwsError};

/// For how long a FIFO queue knows a message again, in milliseconds.
const DEDUPLICATION_MILLIS: i64 = 5 * 60 * 1_000;
/// All that a batch may hold, in bytes.
const BATCH_BYTES: usize = 1_048_576;

/// One message to send, alone or in a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Draft {
    #[serde(default)]
    id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Attributes,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, Attribute>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

/// `SendMessage`.
pub(super) fn one(turn: &Turn<'_>, queue: Queue, draft: Draft) -> Result<Value, AwsError> {
    accept(turn, &queue, &draft)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendBatch {
    entries: Vec<Draft>,
}

/// `SendMessageBatch`.
pub(super) fn batch(turn: &Turn<'_>, queue: Queue, input: SendBatch) -> Result<Value, AwsError> {
    let sizes = input.entries.iter().filter_map(|draft| measure(&draft.message_body, &draft.message_attributes).ok());
    if sizes.sum::<usize>() > BATCH_BYTES {
        let message = format!("Batch requests cannot be longer than {BATCH_BYTES} bytes.");
        return Err(AwsError::new("BatchRequestTooLong", message));
    }
    batch::run(&input.entries, |draft| &draft.id, |draft| accept(turn, &queue, draft))
}

fn accept(turn: &Turn<'_>, queue: &Queue, draft: &Draft) -> Result<Value, AwsError> {
    let size = measure(&draft.message_body, &draft.message_attributes)?;
    let most = queue.number("MaximumMessageSize");
    if usize::try_from(most).is_ok_and(|most| size > most) {
        return Err(invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
        )));
    }
    match queue.is_fifo() {
        true => accept_ordered(turn, queue, draft),
        false => accept_unordered(turn, queue, draft),
    }
}

fn accept_unordered(turn: &Turn<'_>, queue: &Queue, draft: &Draft) -> Result<Value, AwsError> {
    if let Some(id) = &draft.message_deduplication_id {
        let reason = "The request includes a parameter that is not valid for this queue type.";
        return Err(invalid_value(id, "MessageDeduplicationId", reason));
    }
    let (id, _) = insert(turn, queue, draft, None)?;
    Ok(answer(draft, &id, None))
}

fn accept_ordered(turn: &Turn<'_>, queue: &Queue, draft: &Draft) -> Result<Value, AwsError> {
    let group = draft.message_group_id.as_deref().ok_or_else(|| missing("MessageGroupId"))?;
    check_fifo_id("MessageGroupId", group)?;
    if let Some(delay) = draft.delay_seconds.filter(|delay| *delay != 0) {
        let reason = "The request include parameter that is not valid for this queue type.";
        return Err(invalid_value(delay, "DelaySeconds", reason));
    }
    let dedup_id = dedup_id(queue, draft)?;
    let scope = if queue.setting("DeduplicationScope") == "messageGroup" { group } else { "" };
    if let Some((id, seq)) = seen(turn, queue, scope, &dedup_id)? {
        return Ok(answer(draft, &id, Some(seq)));
    }
    let (id, seq) = insert(turn, queue, draft, Some(&dedup_id))?;
    turn.tx.execute(
        "INSERT INTO sqs_dedup (queue, scope, id, message_id, seq, sent) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![queue.name, scope, dedup_id, id, seq, turn.now],
    )?;
    Ok(answer(draft, &id, Some(seq)))
}

fn dedup_id(queue: &Queue, draft: &Draft) -> Result<String, AwsError> {
    match &draft.message_deduplication_id {
        Some(id) => {
            check_fifo_id("MessageDeduplicationId", id)?;
            Ok(id.clone())
        }
        None if queue.setting("ContentBasedDeduplication") == "true" => {
            Ok(hex::encode(Sha256::digest(draft.message_body.as_bytes())))
        }
        None => Err(invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        )),
    }
}

/// The message that was sent under this id in the last five minutes, also one deleted since.
fn seen(turn: &Turn<'_>, queue: &Queue, scope: &str, id: &str) -> Result<Option<(String, i64)>, AwsError> {
    let forgotten = turn.now - DEDUPLICATION_MILLIS;
    turn.tx.prepare_cached("DELETE FROM sqs_dedup WHERE sent <= ?1")?.execute([forgotten])?;
    let mut query =
        turn.tx.prepare_cached("SELECT message_id, seq FROM sqs_dedup WHERE queue = ?1 AND scope = ?2 AND id = ?3")?;
    Ok(query.query_row([queue.name.as_str(), scope, id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn insert(turn: &Turn<'_>, queue: &Queue, draft: &Draft, dedup_id: Option<&str>) -> Result<(String, i64), AwsError> {
    let delay = draft.delay_seconds.filter(|_| !queue.is_fifo()).unwrap_or_else(|| queue.number("DelaySeconds"));
    let delay = bounded("DelaySeconds", delay, 0..=900)?;
    let id = Uuid::new_v4().to_string();
    let attributes = serde_json::to_string(&draft.message_attributes).map_err(|_| AwsError::internal())?;
    let trace = draft.message_system_attributes.get("AWSTraceHeader").and_then(Attribute::text);
    turn.tx.execute(
        "INSERT INTO sqs_message (queue, id, body, attributes, trace, group_id, dedup_id, sent, visible_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            queue.name,
            id,
            draft.message_body,
            attributes,
            trace,
            draft.message_group_id,
            dedup_id,
            turn.now,
            turn.now + delay * 1_000
        ],
    )?;
    Ok((id, turn.tx.last_insert_rowid()))
}

fn answer(draft: &Draft, id: &str, seq: Option<i64>) -> Value {
    let mut answer = json!({ "MessageId": id, "MD5OfMessageBody": md5_of_body(&draft.message_body) });
    if let Some(members) = answer.as_object_mut() {
        if let Some(sum) = md5_of_attributes(&draft.message_attributes) {
            members.insert("MD5OfMessageAttributes".to_owned(), json!(sum));
        }
        if let Some(seq) = seq {
            members.insert("SequenceNumber".to_owned(), json!(sequence_number(seq)));
        }
    }
    answer
}

/// 1 to 128 letters, digits and punctuation.
fn check_fifo_id(parameter: &str, id: &str) -> Result<(), AwsError> {
    if (1..=128).contains(&id.len()) && id.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(());
    }
    let reason = "Can only include alphanumeric and punctuation characters. 1 to 128 in length.";
    Err(invalid_value(id, parameter, reason))
}
