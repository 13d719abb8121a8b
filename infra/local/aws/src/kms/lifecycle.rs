//! Enabling, disabling and deleting keys, and what time alone does to them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    OnlyKey,
    key::{Key, State},
    reference, rotation,
};
use crate::{
    clock::{DAY_MILLIS, seconds},
    database::Turn,
    error::AwsError,
    validation::number,
};

/// How long a deletion waits unless the request says otherwise, in days.
const DEFAULT_WINDOW_DAYS: i64 = 30;

/// Brings the keys up to this moment: deletions and automatic rotations that are due take place.
pub(super) fn settle(turn: &Turn<'_>) -> Result<(), AwsError> {
    turn.tx.prepare_cached("DELETE FROM kms_key WHERE deletion_at <= ?1")?.execute([turn.now])?;
    let mut query = turn.tx.prepare_cached("SELECT id FROM kms_key WHERE next_rotation <= ?1 AND state = 'Enabled'")?;
    let due: Vec<String> = query.query_map([turn.now], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for id in due {
        if let Some(key) = Key::find(turn, &id)? {
            rotation::rotate_by_schedule(turn, key)?;
        }
    }
    Ok(())
}

/// `EnableKey`.
pub(super) fn enable(turn: &Turn<'_>, input: OnlyKey) -> Result<Value, AwsError> {
    set_state(turn, &input, State::Enabled)
}

/// `DisableKey`.
pub(super) fn disable(turn: &Turn<'_>, input: OnlyKey) -> Result<Value, AwsError> {
    set_state(turn, &input, State::Disabled)
}

fn set_state(turn: &Turn<'_>, input: &OnlyKey, state: State) -> Result<Value, AwsError> {
    let mut key = reference::key_without_alias(turn, &input.key_id)?;
    key.must_not_be_pending_deletion()?;
    key.state = state;
    key.save(turn)?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScheduleKeyDeletion {
    key_id: String,
    pending_window_in_days: Option<i64>,
}

/// `ScheduleKeyDeletion`.
pub(super) fn schedule_deletion(turn: &Turn<'_>, input: ScheduleKeyDeletion) -> Result<Value, AwsError> {
    let days = input.pending_window_in_days.unwrap_or(DEFAULT_WINDOW_DAYS);
    number("pendingWindowInDays", days, 7..=30)?;
    let mut key = reference::key_without_alias(turn, &input.key_id)?;
    key.must_not_be_pending_deletion()?;
    let at = turn.now + days * DAY_MILLIS;
    key.state = State::PendingDeletion;
    key.deletion_at = Some(at);
    key.window_days = Some(days);
    key.save(turn)?;
    Ok(json!({
        "KeyId": key.arn(),
        "DeletionDate": seconds(at),
        "KeyState": key.state.name(),
        "PendingWindowInDays": days,
    }))
}

/// `CancelKeyDeletion`: the key comes back disabled.
pub(super) fn cancel_deletion(turn: &Turn<'_>, input: OnlyKey) -> Result<Value, AwsError> {
    let mut key = reference::key_without_alias(turn, &input.key_id)?;
    if key.state != State::PendingDeletion {
        return Err(key.invalid_state("is not pending deletion."));
    }
    key.state = State::Disabled;
    key.deletion_at = None;
    key.window_days = None;
    key.save(turn)?;
    Ok(json!({ "KeyId": key.arn() }))
}
