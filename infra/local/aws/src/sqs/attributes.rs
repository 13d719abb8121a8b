//! Reading and setting a queue's attributes.

use std::collections::BTreeMap;

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    queue::Queue,
    settings::{self, Settings, unknown_name},
};
use crate::{database::Turn, error::AwsError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueAttributes {
    attribute_names: Option<Vec<String>>,
}

/// `GetQueueAttributes`: those named, or `All`.
pub(super) fn get(turn: &Turn<'_>, queue: Queue, input: GetQueueAttributes) -> Result<Value, AwsError> {
    queue.drop_expired(turn)?;
    let mut all = all(turn, &queue)?;
    let names = input.attribute_names.unwrap_or_default();
    if names.iter().any(|name| name == "All") {
        return Ok(json!({ "Attributes": all }));
    }
    let known = |name: &str| all.contains_key(name) || OPTIONAL.contains(&name) || settings::default(name).is_some();
    if let Some(name) = names.iter().find(|name| !known(name)) {
        return Err(unknown_name(name));
    }
    all.retain(|name, _| names.contains(name));
    Ok(json!({ "Attributes": all }))
}

/// Attributes that a queue may be without.
const OPTIONAL: [&str; 5] = ["FifoQueue", "Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"];

fn all(turn: &Turn<'_>, queue: &Queue) -> Result<BTreeMap<String, String>, AwsError> {
    let mut all: BTreeMap<String, String> =
        settings::defaults(queue.is_fifo()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    all.extend(queue.settings.clone());
    let (visible, in_flight, delayed): (i64, i64, i64) = turn.tx.query_row(
        "SELECT count(*) FILTER (WHERE visible_at <= ?2),
                count(*) FILTER (WHERE visible_at > ?2 AND receipt IS NOT NULL),
                count(*) FILTER (WHERE visible_at > ?2 AND receipt IS NULL)
         FROM sqs_message WHERE queue = ?1",
        params![queue.name, turn.now],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let told = [
        ("QueueArn", queue.arn()),
        ("ApproximateNumberOfMessages", visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
        ("CreatedTimestamp", (queue.created / 1_000).to_string()),
        ("LastModifiedTimestamp", (queue.modified / 1_000).to_string()),
    ];
    all.extend(told.map(|(name, value)| (name.to_owned(), value)));
    Ok(all)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetQueueAttributes {
    attributes: Settings,
}

/// `SetQueueAttributes`; an empty policy takes the policy away.
pub(super) fn set(turn: &Turn<'_>, mut queue: Queue, input: SetQueueAttributes) -> Result<Value, AwsError> {
    for (name, value) in input.attributes {
        settings::check(turn, queue.is_fifo(), &name, &value)?;
        match value.is_empty() {
            true => queue.settings.remove(&name),
            false => queue.settings.insert(name, value),
        };
    }
    queue.modified = turn.now;
    queue.save(turn)?;
    Ok(json!({}))
}
