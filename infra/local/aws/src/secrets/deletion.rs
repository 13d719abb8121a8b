//! Deleting secrets with a waiting period, taking that back, and what time alone does.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{OnlySecret, invalid_parameter, record::Record};
use crate::{
    clock::{DAY_MILLIS, seconds},
    database::Turn,
    error::AwsError,
    names::arn,
};

/// How long a deletion waits unless the request says otherwise, in days.
const DEFAULT_WINDOW_DAYS: i64 = 30;

/// Deletes what has waited long enough.
pub(super) fn settle(turn: &Turn<'_>) -> Result<(), AwsError> {
    turn.tx.prepare_cached("DELETE FROM secret WHERE deletion_at <= ?1")?.execute([turn.now])?;
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteSecret {
    secret_id: String,
    recovery_window_in_days: Option<i64>,
    force_delete_without_recovery: Option<bool>,
}

/// `DeleteSecret`: after a waiting period, or at once where forced.
pub(super) fn delete(turn: &Turn<'_>, input: DeleteSecret) -> Result<Value, AwsError> {
    let forced = input.force_delete_without_recovery == Some(true);
    if forced && input.recovery_window_in_days.is_some() {
        return Err(invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    if forced {
        return delete_now(turn, &input.secret_id);
    }
    let days = input.recovery_window_in_days.unwrap_or(DEFAULT_WINDOW_DAYS);
    if !(7..=30).contains(&days) {
        return Err(invalid_parameter("RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."));
    }
    let mut record = Record::find_live(turn, &input.secret_id)?;
    let at = turn.now + days * DAY_MILLIS;
    record.deletion_at = Some(at);
    record.save(turn)?;
    Ok(json!({ "ARN": record.arn(), "Name": record.name, "DeletionDate": seconds(at) }))
}

/// Succeeds also where there is no such secret, as the service documents it.
fn delete_now(turn: &Turn<'_>, reference: &str) -> Result<Value, AwsError> {
    let (arn, name) = match Record::find(turn, reference) {
        Ok(record) => {
            turn.tx.execute("DELETE FROM secret WHERE name = ?1", [&record.name])?;
            (record.arn(), record.name)
        }
        Err(error) if error.code == "ResourceNotFoundException" && reference.starts_with("arn:") => {
            (reference.to_owned(), reference.to_owned())
        }
        Err(error) if error.code == "ResourceNotFoundException" => {
            (arn("secretsmanager", &format!("secret:{reference}")), reference.to_owned())
        }
        Err(error) => return Err(error),
    };
    Ok(json!({ "ARN": arn, "Name": name, "DeletionDate": seconds(turn.now) }))
}

/// `RestoreSecret`.
pub(super) fn restore(turn: &Turn<'_>, input: OnlySecret) -> Result<Value, AwsError> {
    let mut record = Record::find(turn, &input.secret_id)?;
    record.deletion_at = None;
    record.save(turn)?;
    Ok(json!({ "ARN": record.arn(), "Name": record.name }))
}
