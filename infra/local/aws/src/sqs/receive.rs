//! Receiving: which messages may be handed out now, and handing them out.

use std::time::Duration;

use rusqlite::{Row, params};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    handle::{self, sequence_number},
    message::{Attributes, md5_of_attributes, md5_of_body},
    queue::Queue,
    redrive,
    settings::bounded,
    visibility::MOST_SECONDS,
};
use crate::{database::Turn, error::AwsError};

/// A message that is not hidden.
const VISIBLE: &str = "m.queue = ?1 AND m.visible_at <= ?2";
/// A message that is not hidden and whose group has none in flight and none hidden before it.
const VISIBLE_IN_ORDER: &str = "m.queue = ?1 AND m.visible_at <= ?2 AND NOT EXISTS (
    SELECT 1 FROM sqs_message b WHERE b.queue = m.queue AND b.group_id = m.group_id AND b.visible_at > ?2
    AND (b.receipt IS NOT NULL OR b.seq < m.seq))";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveMessage {
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

/// What one look at a queue found.
pub(super) struct Look {
    pub(super) messages: Vec<Value>,
    /// How long the request wants to wait in all.
    pub(super) wait: Duration,
    /// When the next hidden message comes to be seen, milliseconds since the epoch.
    pub(super) next: Option<i64>,
}

struct Message {
    seq: i64,
    id: String,
    body: String,
    attributes: Attributes,
    trace: Option<String>,
    dead_letter_source: Option<String>,
    group_id: Option<String>,
    dedup_id: Option<String>,
    sent: i64,
    received: i64,
    first_received: Option<i64>,
}

/// Hands out what there is; what is handed out is hidden from others.
pub(super) fn look(turn: &Turn<'_>, queue: &Queue, input: ReceiveMessage) -> Result<Look, AwsError> {
    let most = bounded("MaxNumberOfMessages", input.max_number_of_messages.unwrap_or(1), 1..=10)?;
    let hidden = input.visibility_timeout.unwrap_or_else(|| queue.number("VisibilityTimeout"));
    let hidden = bounded("VisibilityTimeout", hidden, 0..=MOST_SECONDS)?;
    let wait = input.wait_time_seconds.unwrap_or_else(|| queue.number("ReceiveMessageWaitTimeSeconds"));
    let wait = bounded("WaitTimeSeconds", wait, 0..=20)?;
    queue.drop_expired(turn)?;
    let receivable = if queue.is_fifo() { VISIBLE_IN_ORDER } else { VISIBLE };
    redrive::move_exhausted(turn, queue, receivable)?;
    let sql = format!("SELECT m.* FROM sqs_message m WHERE {receivable} ORDER BY m.seq LIMIT ?3");
    let mut query = turn.tx.prepare_cached(&sql)?;
    let found: Vec<Message> = query.query_map(params![queue.name, turn.now, most], read)?.collect::<Result<_, _>>()?;
    let mut messages = Vec::new();
    for mut message in found {
        let receipt = hand_out(turn, &mut message, turn.now + hidden * 1_000)?;
        messages.push(shown(queue, &message, &receipt, &input));
    }
    let next = turn.tx.query_row(
        "SELECT min(visible_at) FROM sqs_message WHERE queue = ?1 AND visible_at > ?2",
        params![queue.name, turn.now],
        |row| row.get(0),
    )?;
    Ok(Look { messages, wait: Duration::from_secs(wait.unsigned_abs()), next })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Message> {
    let attributes: String = row.get("attributes")?;
    Ok(Message {
        seq: row.get("seq")?,
        id: row.get("id")?,
        body: row.get("body")?,
        attributes: serde_json::from_str(&attributes).map_err(|_| rusqlite::Error::InvalidQuery)?,
        trace: row.get("trace")?,
        dead_letter_source: row.get("dead_letter_source")?,
        group_id: row.get("group_id")?,
        dedup_id: row.get("dedup_id")?,
        sent: row.get("sent")?,
        received: row.get("received")?,
        first_received: row.get("first_received")?,
    })
}

fn hand_out(turn: &Turn<'_>, message: &mut Message, visible_at: i64) -> Result<String, AwsError> {
    let receipt = Uuid::new_v4().to_string();
    message.received += 1;
    message.first_received.get_or_insert(turn.now);
    turn.tx.execute(
        "UPDATE sqs_message SET receipt = ?2, visible_at = ?3, received = ?4, first_received = ?5 WHERE seq = ?1",
        params![message.seq, receipt, visible_at, message.received, message.first_received],
    )?;
    Ok(receipt)
}

fn shown(queue: &Queue, message: &Message, receipt: &str, input: &ReceiveMessage) -> Value {
    let mut members = Map::new();
    members.insert("MessageId".to_owned(), json!(message.id));
    members.insert("ReceiptHandle".to_owned(), json!(handle::write(&queue.name, message.seq, receipt)));
    members.insert("Body".to_owned(), json!(message.body));
    members.insert("MD5OfBody".to_owned(), json!(md5_of_body(&message.body)));
    let asked = [input.attribute_names.as_slice(), input.message_system_attribute_names.as_slice()].concat();
    let system = system_attributes(queue, message, &asked);
    if !system.is_empty() {
        members.insert("Attributes".to_owned(), Value::Object(system));
    }
    let mut attributes = message.attributes.clone();
    attributes.retain(|name, _| input.message_attribute_names.iter().any(|asked| covers(asked, name)));
    if let Some(sum) = md5_of_attributes(&attributes) {
        members.insert("MessageAttributes".to_owned(), json!(attributes));
        members.insert("MD5OfMessageAttributes".to_owned(), json!(sum));
    }
    Value::Object(members)
}

fn system_attributes(queue: &Queue, message: &Message, asked: &[String]) -> Map<String, Value> {
    let fifo = queue.is_fifo();
    let all = [
        ("SenderId", Some("AIDALOCALLOCALLOCALLO".to_owned())),
        ("SentTimestamp", Some(message.sent.to_string())),
        ("ApproximateReceiveCount", Some(message.received.to_string())),
        ("ApproximateFirstReceiveTimestamp", message.first_received.map(|at| at.to_string())),
        ("SequenceNumber", fifo.then(|| sequence_number(message.seq))),
        ("MessageDeduplicationId", message.dedup_id.clone()),
        ("MessageGroupId", message.group_id.clone()),
        ("AWSTraceHeader", message.trace.clone()),
        ("DeadLetterQueueSourceArn", message.dead_letter_source.clone()),
    ];
    let wanted = |name: &str| asked.iter().any(|asked| asked == "All" || asked == name);
    all.into_iter()
        .filter(|(name, _)| wanted(name))
        .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
        .collect()
}

/// `All`, `.*`, a name, or the beginning of one before `.*`.
fn covers(asked: &str, name: &str) -> bool {
    asked == "All" || asked == name || asked.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
}
