//! Dead-letter queues: where a message goes that was received too often.

use rusqlite::params;
use serde_json::Value;

use super::{errors::invalid_value, queue::Queue};
use crate::{database::Turn, error::AwsError, names::resource};

/// A queue's redrive policy, read.
struct Policy {
    target: String,
    most_receives: i64,
}

/// Checks a redrive policy before it is set: readable, and its target there and of the same kind.
pub(super) fn check(turn: &Turn<'_>, fifo: bool, text: &str) -> Result<(), AwsError> {
    if text.is_empty() {
        return Ok(());
    }
    let wrong = |reason| invalid_value(text, "RedrivePolicy", reason);
    let policy = read(text).ok_or_else(|| {
        wrong("Redrive policy must be JSON with deadLetterTargetArn and a maxReceiveCount from 1 to 1000.")
    })?;
    match Queue::named(turn, &policy.target)? {
        None => Err(wrong("Dead letter target does not exist.")),
        Some(target) if target.is_fifo() != fifo => {
            Err(wrong("Dead-letter queue must be same type of queue as the source."))
        }
        Some(_) => Ok(()),
    }
}

fn read(text: &str) -> Option<Policy> {
    let policy: Value = serde_json::from_str(text).ok()?;
    let target = resource(policy.get("deadLetterTargetArn")?.as_str()?, "sqs").ok()?.to_owned();
    let count = policy.get("maxReceiveCount")?;
    let most_receives = count.as_i64().or_else(|| count.as_str()?.parse().ok())?;
    (1..=1_000).contains(&most_receives).then_some(Policy { target, most_receives })
}

/// Moves what could be received now but has been received too often. In a FIFO queue a group in flight keeps its own.
pub(super) fn move_exhausted(turn: &Turn<'_>, queue: &Queue, receivable: &str) -> Result<(), AwsError> {
    let Some(policy) = read(queue.setting("RedrivePolicy")) else { return Ok(()) };
    if Queue::named(turn, &policy.target)?.is_none() {
        return Ok(());
    }
    let sql = format!("SELECT seq FROM sqs_message m WHERE {receivable} AND received >= ?3 ORDER BY seq");
    let mut query = turn.tx.prepare_cached(&sql)?;
    let exhausted: Vec<i64> = query
        .query_map(params![queue.name, turn.now, policy.most_receives], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    exhausted.into_iter().try_for_each(|seq| bury(turn, queue, &policy, seq))
}

/// The message keeps its id and group, stands last in its new queue, and is counted anew there.
fn bury(turn: &Turn<'_>, queue: &Queue, policy: &Policy, seq: i64) -> Result<(), AwsError> {
    turn.tx.execute(
        "INSERT INTO sqs_message (queue, id, body, attributes, trace, dead_letter_source, group_id, dedup_id, sent,
             visible_at)
         SELECT ?2, id, body, attributes, trace, ?3, group_id, dedup_id, iif(group_id IS NULL, sent, ?4), ?4
         FROM sqs_message WHERE seq = ?1",
        params![seq, policy.target, queue.arn(), turn.now],
    )?;
    turn.tx.execute("DELETE FROM sqs_message WHERE seq = ?1", [seq])?;
    Ok(())
}
