//! What is known of secrets without their values.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    OnlySecret, bad_token,
    filters::{Filter, passes},
    record::Record,
    versions,
};
use crate::{clock::seconds, database::Turn, error::AwsError, paging::page, validation::count};

/// `DescribeSecret`: also of one that waits for its deletion.
pub(super) fn describe(turn: &Turn<'_>, input: OnlySecret) -> Result<Value, AwsError> {
    let record = Record::find(turn, &input.secret_id)?;
    let mut members = record.members();
    members.insert("VersionIdsToStages".to_owned(), json!(versions::stages(turn, &record)?));
    Ok(Value::Object(members))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSecrets {
    include_planned_deletion: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
    filters: Option<Vec<Filter>>,
}

/// `ListSecrets`, by name.
pub(super) fn list(turn: &Turn<'_>, input: ListSecrets) -> Result<Value, AwsError> {
    let limit = count("maxResults", input.max_results, 100, 1..=100)?;
    let filters = input.filters.unwrap_or_default();
    let with_planned = input.include_planned_deletion == Some(true);
    let mut records = Record::all(turn)?;
    records.retain(|record| (with_planned || record.deletion_at.is_none()) && passes(record, &filters));
    let (records, next) =
        page(records, limit, input.next_token.as_deref(), |record| &record.name).map_err(|_| bad_token())?;
    let mut entries = Vec::new();
    for record in &records {
        let mut members = record.members();
        members.insert("SecretVersionsToStages".to_owned(), json!(versions::stages(turn, record)?));
        entries.push(Value::Object(members));
    }
    Ok(with_next(json!({ "SecretList": entries }), next))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSecretVersionIds {
    secret_id: String,
    max_results: Option<i64>,
    next_token: Option<String>,
    include_deprecated: Option<bool>,
}

/// `ListSecretVersionIds`: those with labels, or all of them.
pub(super) fn list_versions(turn: &Turn<'_>, input: ListSecretVersionIds) -> Result<Value, AwsError> {
    let limit = count("maxResults", input.max_results, 100, 1..=100)?;
    let record = Record::find(turn, &input.secret_id)?;
    let stages = versions::stages(turn, &record)?;
    let mut all = versions::all(turn, &record)?;
    all.retain(|version| input.include_deprecated == Some(true) || stages.contains_key(&version.id));
    let (shown, next) =
        page(all, limit, input.next_token.as_deref(), |version| &version.id).map_err(|_| bad_token())?;
    let entries: Vec<Value> = shown
        .iter()
        .map(|version| {
            json!({
                "VersionId": version.id,
                "VersionStages": stages.get(&version.id).cloned().unwrap_or_default(),
                "CreatedDate": seconds(version.created),
                "LastAccessedDate": version.accessed.map(seconds),
            })
        })
        .collect();
    Ok(with_next(json!({ "ARN": record.arn(), "Name": record.name, "Versions": entries }), next))
}

fn with_next(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(members), Some(next)) = (answer.as_object_mut(), next) {
        members.insert("NextToken".to_owned(), json!(next));
    }
    answer
}
