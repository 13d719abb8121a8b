//! The one endpoint: `X-Amz-Target` says which service and which operation a request is for.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, OriginalUri, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    routing::post,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    database::Store,
    dynamodb::DynamoDb,
    error::AwsError,
    kms, secrets,
    sqs::{self, Bell, Place},
};

/// The largest request body, DynamoDB's, in bytes.
const BODY_BYTES: usize = 16 * 1024 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// What requests are answered from.
pub(crate) struct Services {
    /// State of KMS, Secrets Manager and SQS.
    pub(crate) store: Store,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) bell: Bell,
    /// What clients use as `endpoint_url`.
    pub(crate) endpoint: String,
}

/// `POST /` for everything, `POST /{account}/{queue}` for SQS clients that post to a queue's URL.
pub(crate) fn router(services: Arc<Services>) -> Router {
    Router::new()
        .route("/", post(answer))
        .route("/{account}/{queue}", post(answer))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(services)
}

async fn answer(
    State(services): State<Arc<Services>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let target = headers.get(TARGET).and_then(|target| target.to_str().ok()).unwrap_or_default();
    let (service, operation) = target.split_once('.').unwrap_or_default();
    let result = if !headers.contains_key(header::AUTHORIZATION) {
        Err(AwsError::new("MissingAuthenticationTokenException", "Request is missing Authentication Token"))
    } else {
        match service {
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => match services.dynamodb.forward(&headers, body).await {
                Ok(response) => return response,
                Err(error) => Err(error),
            },
            "TrentService" => kms::call(&services.store, operation, &body),
            "secretsmanager" => secrets::call(&services.store, operation, &body),
            "AmazonSQS" => {
                let place = Place { endpoint: &services.endpoint, path: uri.path() };
                sqs::call(&services.store, &services.bell, &place, operation, &body).await
            }
            _ => Err(AwsError::unknown_operation()),
        }
    };
    written(service, headers.get(header::CONTENT_TYPE), result)
}

fn written(service: &str, asked_type: Option<&HeaderValue>, result: Result<Value, AwsError>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let body = match result {
        Ok(body) => body,
        Err(error) => {
            *response.status_mut() = error.status;
            note_error(service, &error, response.headers_mut())
        }
    };
    let newest = HeaderValue::from_static("application/x-amz-json-1.1");
    let content_type = match asked_type {
        Some(asked) if asked.as_bytes().starts_with(b"application/x-amz-json-1.0") => {
            HeaderValue::from_static("application/x-amz-json-1.0")
        }
        _ => newest,
    };
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    if let Ok(id) = HeaderValue::try_from(Uuid::new_v4().to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    *response.body_mut() = Body::from(body.to_string());
    response
}

/// The error's body. SQS also repeats the code that its older protocol had, in a header.
fn note_error(service: &str, error: &AwsError, headers: &mut HeaderMap) -> Value {
    if service != "AmazonSQS" {
        return json!({ "__type": error.code, "message": error.message });
    }
    let fault = if error.status == StatusCode::INTERNAL_SERVER_ERROR { "Receiver" } else { "Sender" };
    if let Ok(code) = HeaderValue::try_from(format!("{};{fault}", sqs::query_code(error.code))) {
        headers.insert(QUERY_ERROR, code);
    }
    json!({ "__type": format!("com.amazonaws.sqs#{}", error.code), "message": error.message })
}
