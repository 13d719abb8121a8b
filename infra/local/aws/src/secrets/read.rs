//! Reading secret values, one or many.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    bad_token,
    filters::{Filter, passes},
    invalid_parameter, invalid_request, not_found,
    record::Record,
    versions::{self, CURRENT},
};
use crate::{
    clock::seconds,
    database::Turn,
    error::AwsError,
    paging::page,
    validation::{count, length},
    wire::base64,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSecretValue {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

/// `GetSecretValue`: the current version, or the one asked for by id or label.
pub(super) fn get(turn: &Turn<'_>, input: GetSecretValue) -> Result<Value, AwsError> {
    let record = Record::find_live(turn, &input.secret_id)?;
    let stage = input.version_stage.as_deref();
    let id = match (input.version_id, stage) {
        (Some(id), None) => id,
        (Some(id), Some(stage)) => {
            let has_label = versions::at_stage(turn, &record, stage)?.is_some_and(|labelled| labelled == id);
            if !has_label {
                return Err(invalid_request(
                    "You provided a VersionStage that is not associated to the provided VersionId.",
                ));
            }
            id
        }
        (None, stage) => staged(turn, &record, stage.unwrap_or(CURRENT))?,
    };
    shown(turn, record, &id)
}

fn staged(turn: &Turn<'_>, record: &Record, stage: &str) -> Result<String, AwsError> {
    versions::at_stage(turn, record, stage)?.ok_or_else(|| {
        not_found(format!("Secrets Manager can't find the specified secret value for staging label: {stage}"))
    })
}

fn shown(turn: &Turn<'_>, mut record: Record, id: &str) -> Result<Value, AwsError> {
    let (value, created) = versions::value(turn, &record, id)?.ok_or_else(|| {
        not_found(format!("Secrets Manager can't find the specified secret value for VersionId: {id}"))
    })?;
    let stages = versions::stages(turn, &record)?.remove(id).unwrap_or_default();
    let mut answer = json!({
        "ARN": record.arn(),
        "Name": record.name,
        "VersionId": id,
        "VersionStages": stages,
        "CreatedDate": seconds(created),
    });
    if let Some(members) = answer.as_object_mut() {
        match value.is_text {
            true => members.insert("SecretString".to_owned(), json!(String::from_utf8_lossy(&value.bytes))),
            false => members.insert("SecretBinary".to_owned(), json!(base64(&value.bytes))),
        };
    }
    record.accessed = Some(turn.now);
    record.save(turn)?;
    turn.tx.execute(
        "UPDATE secret_version SET accessed = ?3 WHERE name = ?1 AND id = ?2",
        params![record.name, id, turn.now],
    )?;
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchGetSecretValue {
    secret_id_list: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// `BatchGetSecretValue`: current values by a list of ids or by filters; what fails is reported beside the rest.
pub(super) fn batch_get(turn: &Turn<'_>, input: BatchGetSecretValue) -> Result<Value, AwsError> {
    let (ids, next) = match (input.secret_id_list, input.filters) {
        (Some(ids), None) => {
            length("secretIdList", ids.len(), 1..=20)?;
            (ids, None)
        }
        (None, Some(filters)) => {
            let limit = count("maxResults", input.max_results, 20, 1..=20)?;
            let mut records = Record::all(turn)?;
            records.retain(|record| record.deletion_at.is_none() && passes(record, &filters));
            let (records, next) =
                page(records, limit, input.next_token.as_deref(), |record| &record.name).map_err(|_| bad_token())?;
            (records.into_iter().map(|record| record.name).collect(), next)
        }
        _ => {
            return Err(invalid_parameter("Either 'SecretIdList' or 'Filters' must be provided, but not both."));
        }
    };
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for secret_id in ids {
        let one = GetSecretValue { secret_id: secret_id.clone(), version_id: None, version_stage: None };
        match get(turn, one) {
            Ok(value) => values.push(value),
            Err(error) => {
                errors.push(json!({ "SecretId": secret_id, "ErrorCode": error.code, "Message": error.message }));
            }
        }
    }
    let mut answer = json!({ "SecretValues": values, "Errors": errors });
    if let (Some(members), Some(next)) = (answer.as_object_mut(), next) {
        members.insert("NextToken".to_owned(), json!(next));
    }
    Ok(answer)
}
