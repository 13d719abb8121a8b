//! Secrets Manager: named secrets with versions and staging labels.

mod deletion;
mod describe;
mod filters;
mod read;
mod record;
mod versions;
mod write;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    database::{Store, Turn},
    error::AwsError,
    wire::parse,
};

/// Answers one operation.
pub(crate) fn call(store: &Store, operation: &str, body: &[u8]) -> Result<Value, AwsError> {
    store.turn(|turn| {
        deletion::settle(turn)?;
        dispatch(turn, operation, body)
    })
}

fn dispatch(turn: &Turn<'_>, operation: &str, body: &[u8]) -> Result<Value, AwsError> {
    match operation {
        "CreateSecret" => write::create(turn, parse(body)?),
        "PutSecretValue" => write::put_value(turn, parse(body)?),
        "UpdateSecret" => write::update(turn, parse(body)?),
        "GetSecretValue" => read::get(turn, parse(body)?),
        "BatchGetSecretValue" => read::batch_get(turn, parse(body)?),
        "DescribeSecret" => describe::describe(turn, parse(body)?),
        "ListSecrets" => describe::list(turn, parse(body)?),
        "ListSecretVersionIds" => describe::list_versions(turn, parse(body)?),
        "DeleteSecret" => deletion::delete(turn, parse(body)?),
        "RestoreSecret" => deletion::restore(turn, parse(body)?),
        _ => Err(AwsError::unknown_operation()),
    }
}

/// Names a secret and nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnlySecret {
    secret_id: String,
}

fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

fn invalid_request(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidRequestException", message)
}

fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceNotFoundException", message)
}

fn bad_token() -> AwsError {
    AwsError::new("InvalidNextTokenException", "The NextToken value is invalid.")
}
