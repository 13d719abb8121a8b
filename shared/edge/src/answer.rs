//! A JSON answer that can be kept for an idempotency key and replayed byte for byte.

use std::fmt;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_core::{
    Moment, Refusal,
    idempotency::{IdempotencyKey, IdempotencyRecord},
};
use serde::Serialize;

/// Says that an answer is a replay.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// When to come back where a kept answer does not say, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// A status and a JSON body.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    body: String,
    replayed: bool,
    refusal: Option<Refusal>,
}

/// A body may hold a key or a token: it is not printed.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("replayed", &self.replayed)
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// An answer with this status.
    ///
    /// # Errors
    /// 500 where the value cannot be written as JSON.
    pub fn new(status: StatusCode, value: &impl Serialize) -> Result<Self, Refusal> {
        let body = serde_json::to_string(value).map_err(|error| Refusal::internal(error.to_string()))?;
        Ok(Self { status, body, replayed: false, refusal: None })
    }

    /// 200.
    ///
    /// # Errors
    /// As [`Answer::new`].
    pub fn ok(value: &impl Serialize) -> Result<Self, Refusal> {
        Self::new(StatusCode::OK, value)
    }

    /// 201.
    ///
    /// # Errors
    /// As [`Answer::new`].
    pub fn created(value: &impl Serialize) -> Result<Self, Refusal> {
        Self::new(StatusCode::CREATED, value)
    }

    /// A refusal that is already written out.
    #[must_use]
    pub fn refused(refusal: Refusal, body: String) -> Self {
        let status = StatusCode::from_u16(refusal.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, body, replayed: false, refusal: Some(refusal) }
    }

    /// The first answer again.
    #[must_use]
    pub fn replay(record: &IdempotencyRecord) -> Self {
        let status = StatusCode::from_u16(record.status).unwrap_or(StatusCode::OK);
        Self { status, body: record.body.clone(), replayed: true, refusal: None }
    }

    /// The same, said to be a replay: where what is kept for a key leads to the answer but is not it.
    #[must_use]
    pub fn again(self) -> Self {
        Self { replayed: true, ..self }
    }

    /// The record that keeps this answer.
    #[must_use]
    pub fn record(&self, key: &IdempotencyKey, now: Moment) -> IdempotencyRecord {
        IdempotencyRecord::finished(key, self.status.as_u16(), self.body.clone(), now)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let problem = self.status.is_client_error() || self.status.is_server_error();
        let form = if problem { "application/problem+json" } else { "application/json" };
        let mut response = (self.status, [(header::CONTENT_TYPE, form)], self.body).into_response();
        let headers = response.headers_mut();
        if self.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            let seconds = self.refusal.as_ref().and_then(|refusal| refusal.retry_after_seconds);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.unwrap_or(RETRY_AFTER_SECONDS)));
        }
        if let Some(refusal) = self.refusal {
            response.extensions_mut().insert(Written(refusal));
        }
        response
    }
}

/// A refusal whose document is written already: the corridor only logs it.
#[derive(Clone, Debug)]
pub(crate) struct Written(pub(crate) Refusal);
