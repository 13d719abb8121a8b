//! Turnkey's refusals: gRPC's status codes as its JSON gateway shows them.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A refusal with gRPC's code, the HTTP status that goes with it, and Turnkey's own code where it gives one.
pub(super) struct Refusal {
    code: u8,
    message: String,
    turnkey_code: Option<&'static str>,
    retry_after_seconds: Option<u32>,
}

impl Refusal {
    fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), turnkey_code: None, retry_after_seconds: None }
    }

    /// 400: the request is wrong.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(3, message)
    }

    /// 404: there is no such thing.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(5, message)
    }

    /// 401: the stamp is missing or not good.
    pub(super) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(16, message)
    }

    /// 429: too many requests.
    pub(super) fn exhausted(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self { retry_after_seconds: Some(retry_after_seconds), ..Self::new(8, message) }
    }

    /// 500: the stand-in itself failed.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(13, message)
    }

    /// Adds Turnkey's own code to the details.
    pub(super) fn with_code(mut self, code: &'static str) -> Self {
        self.turnkey_code = Some(code);
        self
    }

    /// gRPC's codes as HTTP statuses, the way its JSON gateway maps them.
    fn status(&self) -> StatusCode {
        match self.code {
            3 => StatusCode::BAD_REQUEST,
            5 => StatusCode::NOT_FOUND,
            8 => StatusCode::TOO_MANY_REQUESTS,
            12 => StatusCode::NOT_IMPLEMENTED,
            16 => StatusCode::UNAUTHORIZED,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let detail =
            |code| json!({"@type": "type.googleapis.com/errors.v1.TurnkeyErrorDetail", "turnkeyErrorCode": code});
        let details: Vec<_> = self.turnkey_code.map(detail).into_iter().collect();
        let body = json!({"code": self.code, "message": self.message, "details": details});
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What the gateway says to a path that it does not know.
pub(super) async fn no_such_path() -> Refusal {
    Refusal::not_found("Not Found")
}

/// What the gateway says to a method that it does not know.
pub(super) async fn method_not_allowed() -> Refusal {
    Refusal::new(12, "Method Not Allowed")
}
