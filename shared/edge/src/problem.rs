//! A refusal as `application/problem+json` (RFC 9457), with `error` for clients that read only that field.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_core::{Refusal, RefusalKind};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Answer;

/// Where the kinds of problem are explained, relative to the API.
const TYPE_PREFIX: &str = "/docs#problem-";

/// A refusal on its way out. The corridor adds the request's id and writes the log line.
#[derive(Clone, Debug)]
pub struct Problem(pub Refusal);

/// The form of every error, for the OpenAPI document.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// What kind of problem it is.
    r#type: String,
    /// The kind in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// The request's id.
    instance: String,
    /// `detail` again, for clients that read only this.
    error: String,
    /// For 401 `No active session`: which method the person had.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_method: Option<String>,
    /// For 401 `No active session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_login: Option<bool>,
}

impl<E: Into<Refusal>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status(self.0.kind).into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

/// Writes a refusal out; `allow` is kept where the router set it.
#[must_use]
pub fn render(refusal: &Refusal, request_id: &str, allow: Option<HeaderValue>) -> Response {
    let mut response = (status(refusal.kind), Json(document(refusal, request_id))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if refusal.kind == RefusalKind::Unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="countersign""#));
    }
    if let Some(seconds) = refusal.retry_after_seconds {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = allow {
        headers.insert(header::ALLOW, allow);
    }
    response
}

/// A refusal as an answer that can be kept for an idempotency key.
#[must_use]
pub fn answer(refusal: Refusal, request_id: &str) -> Answer {
    let body = document(&refusal, request_id).to_string();
    Answer::refused(refusal, body)
}

fn document(refusal: &Refusal, request_id: &str) -> Value {
    let mut members = Map::new();
    for (name, value) in &refusal.members {
        members.insert((*name).to_owned(), value.clone());
    }
    let kind = refusal.kind;
    let fixed = [
        ("type", Value::from(format!("{TYPE_PREFIX}{}", kind.code()))),
        ("title", kind.title().into()),
        ("status", kind.status().into()),
        ("detail", refusal.public.as_ref().into()),
        ("instance", request_id.into()),
        ("error", refusal.public.as_ref().into()),
    ];
    members.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(members)
}

fn status(kind: RefusalKind) -> StatusCode {
    StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
