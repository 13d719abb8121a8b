//! Why the Bot API refuses a call, in Telegram's own words: clients read the description to know what happened.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// A refused call: its code, its words, and what Telegram adds for some of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{description}")]
pub struct Refusal {
    code: u16,
    description: String,
    /// After how many seconds the call may be made again.
    retry_after: Option<u64>,
    /// The supergroup that a group has become.
    migrate_to_chat_id: Option<i64>,
}

impl Refusal {
    pub(super) fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None, migrate_to_chat_id: None }
    }

    /// 400 `Bad Request: …`.
    pub(super) fn bad(words: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", words.as_ref()))
    }

    /// 403 `Forbidden: …`.
    pub(super) fn forbidden(words: impl AsRef<str>) -> Self {
        Self::new(403, format!("Forbidden: {}", words.as_ref()))
    }

    /// 409 `Conflict: …`.
    pub(super) fn conflict(words: impl AsRef<str>) -> Self {
        Self::new(409, format!("Conflict: {}", words.as_ref()))
    }

    /// 429 with the seconds to wait.
    pub(super) fn too_many(retry_after: u64) -> Self {
        let words = format!("Too Many Requests: retry after {retry_after}");
        Self { retry_after: Some(retry_after), ..Self::new(429, words) }
    }

    /// 400, because the group has become this supergroup.
    pub(super) fn migrated(chat_id: i64) -> Self {
        let words = "group chat was upgraded to a supergroup chat";
        Self { migrate_to_chat_id: Some(chat_id), ..Self::bad(words) }
    }

    /// 404, for paths that are no method of a bot.
    pub(super) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// The HTTP status, which is the error code as well.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Telegram's words.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    fn parameters(&self) -> Map<String, Value> {
        let retry_after = self.retry_after.map(|seconds| ("retry_after".to_owned(), json!(seconds)));
        let migrated = self.migrate_to_chat_id.map(|id| ("migrate_to_chat_id".to_owned(), json!(id)));
        retry_after.into_iter().chain(migrated).collect()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        let parameters = self.parameters();
        if let (Some(body), false) = (body.as_object_mut(), parameters.is_empty()) {
            body.insert("parameters".to_owned(), Value::Object(parameters));
        }
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
