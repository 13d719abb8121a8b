//! Creating, finding, emptying and deleting queues.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Place,
    errors::{invalid, no_such_queue},
    queue::Queue,
    settings::{self, Settings, bounded},
};
use crate::{database::Turn, error::AwsError, names::ACCOUNT, paging::page};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateQueue {
    queue_name: String,
    #[serde(default)]
    attributes: Settings,
}

/// `CreateQueue`: again with the same attributes, it answers the same.
pub(super) fn create(turn: &Turn<'_>, place: &Place<'_>, input: CreateQueue) -> Result<Value, AwsError> {
    check_name(&input.queue_name, &input.attributes)?;
    let fifo = input.queue_name.ends_with(".fifo");
    for (name, value) in &input.attributes {
        settings::check(turn, fifo, name, value)?;
    }
    let queue = match Queue::named(turn, &input.queue_name)? {
        Some(existing) => same(existing, &input.attributes)?,
        None => {
            let new =
                Queue { name: input.queue_name, settings: input.attributes, created: turn.now, modified: turn.now };
            new.save(turn)?;
            new
        }
    };
    Ok(json!({ "QueueUrl": queue.url(place) }))
}

fn same(existing: Queue, asked: &Settings) -> Result<Queue, AwsError> {
    match asked.iter().find(|(name, value)| existing.setting(name) != value.as_str()) {
        None => Ok(existing),
        Some((name, _)) => {
            let message =
                format!("A queue already exists with the same name and a different value for attribute {name}");
            Err(AwsError::new("QueueNameExists", message))
        }
    }
}

fn check_name(name: &str, attributes: &Settings) -> Result<(), AwsError> {
    let asks_fifo = attributes.get("FifoQueue").is_some_and(|value| value == "true");
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    if asks_fifo != (stem.len() != name.len()) {
        return Err(invalid(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or \
                            underscores, must end with .fifo suffix and be 1 to 80 in length, and FifoQueue must be true.",
        ));
    }
    let characters = stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if stem.is_empty() || name.len() > 80 || !characters {
        return Err(invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueUrl {
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

/// `GetQueueUrl`.
pub(super) fn url(turn: &Turn<'_>, place: &Place<'_>, input: GetQueueUrl) -> Result<Value, AwsError> {
    if input.owner.is_some_and(|account| account != ACCOUNT) {
        return Err(no_such_queue());
    }
    let queue = Queue::named(turn, &input.queue_name)?.ok_or_else(no_such_queue)?;
    Ok(json!({ "QueueUrl": queue.url(place) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueues {
    queue_name_prefix: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// `ListQueues`.
pub(super) fn list(turn: &Turn<'_>, place: &Place<'_>, input: ListQueues) -> Result<Value, AwsError> {
    let limit = bounded("MaxResults", input.max_results.unwrap_or(1_000), 1..=1_000)?;
    let prefix = input.queue_name_prefix.unwrap_or_default();
    let mut query = turn.tx.prepare_cached("SELECT name FROM sqs_queue ORDER BY name")?;
    let mut names: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    names.retain(|name| name.starts_with(&prefix));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (names, next) =
        page(names, limit, input.next_token.as_deref(), |name| name).map_err(|_| invalid("Invalid NextToken."))?;
    let urls: Vec<String> = names.iter().map(|name| format!("{}/{ACCOUNT}/{name}", place.endpoint)).collect();
    let mut answer = json!({ "QueueUrls": urls });
    if let (Some(members), Some(next), true) = (answer.as_object_mut(), next, input.max_results.is_some()) {
        members.insert("NextToken".to_owned(), json!(next));
    }
    Ok(answer)
}

/// `DeleteQueue`, with its messages.
pub(super) fn delete(turn: &Turn<'_>, queue: &Queue) -> Result<Value, AwsError> {
    turn.tx.execute("DELETE FROM sqs_queue WHERE name = ?1", [&queue.name])?;
    Ok(json!({}))
}

/// `PurgeQueue`: all its messages, those in flight as well.
pub(super) fn purge(turn: &Turn<'_>, queue: &Queue) -> Result<Value, AwsError> {
    turn.tx.execute("DELETE FROM sqs_message WHERE queue = ?1", [&queue.name])?;
    Ok(json!({}))
}
