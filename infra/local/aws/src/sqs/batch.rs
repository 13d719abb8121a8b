//! What every batch has: one to ten entries with distinct ids, each of which succeeds or fails by itself.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::errors::query_code;
use crate::error::AwsError;

/// Runs each entry and reports them under `Successful` and `Failed`.
///
/// # Errors
/// `EmptyBatchRequest`, `TooManyEntriesInBatchRequest`, `InvalidBatchEntryId`, `BatchEntryIdsNotDistinct`.
pub(super) fn run<E>(
    entries: &[E],
    id: impl Fn(&E) -> &str,
    mut work: impl FnMut(&E) -> Result<Value, AwsError>,
) -> Result<Value, AwsError> {
    check(&entries.iter().map(&id).collect::<Vec<_>>())?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let name = id(entry);
        match work(entry) {
            Ok(Value::Object(members)) => successful.push(with_id(name, members)),
            Ok(_) => successful.push(with_id(name, Map::new())),
            Err(error) if error.status.is_server_error() => return Err(error),
            Err(error) => failed.push(json!({
                "Id": name, "Code": query_code(error.code), "Message": error.message, "SenderFault": true,
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn with_id(id: &str, mut members: Map<String, Value>) -> Value {
    members.insert("Id".to_owned(), json!(id));
    Value::Object(members)
}

fn check(ids: &[&str]) -> Result<(), AwsError> {
    if ids.is_empty() {
        return Err(AwsError::new("EmptyBatchRequest", "There should be at least one entry in the request."));
    }
    if ids.len() > 10 {
        let message = format!("Maximum number of entries per request are 10. You have sent {}.", ids.len());
        return Err(AwsError::new("TooManyEntriesInBatchRequest", message));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if ids.iter().any(|id| !(1..=80).contains(&id.len()) || !id.chars().all(allowed)) {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                       It can be at most 80 letters long.";
        return Err(AwsError::new("InvalidBatchEntryId", message));
    }
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return Err(AwsError::new("BatchEntryIdsNotDistinct", "Two entries of the request have the same id."));
    }
    Ok(())
}
