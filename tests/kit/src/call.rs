//! A call as a client makes it: method, target, headers, body, and whatever credential it brings.

use serde_json::Value;

use crate::{credentials, event};

/// A call that can be sent over HTTP or handed to a function as an event.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// A call to a target: the path and, where there is one, `?` and the raw query.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// A GET.
    #[must_use]
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST of JSON.
    #[must_use]
    pub fn post(target: &str, body: &Value) -> Self {
        Self::new("POST", target).json(body)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(target: &str) -> Self {
        Self::new("DELETE", target)
    }

    /// One header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The header of this name that it has first.
    #[must_use]
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// This JSON as body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// These bytes as body, of this content type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// As a person: `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// As a person inside Telegram: `Authorization: tma`; see [`crate::LaunchData`].
    #[must_use]
    pub fn launch_data(self, init_data: &str) -> Self {
        self.header("authorization", format!("tma {init_data}"))
    }

    /// As a service: `X-Api-Key`.
    #[must_use]
    pub fn api_key(self, key: &str) -> Self {
        self.header("x-api-key", key)
    }

    /// Signed with a client's secret, now. Comes last: it covers method, target and body.
    #[must_use]
    pub fn signed(self, client_id: &str, client_secret: &str) -> Self {
        self.signed_at(client_id, client_secret, event::unix_seconds())
    }

    /// Signed with a client's secret at a moment in Unix seconds.
    #[must_use]
    pub fn signed_at(self, client_id: &str, client_secret: &str, seconds: u64) -> Self {
        let signature = credentials::signature(client_secret, &self.method, &self.target, seconds, &self.body);
        self.header("x-client-id", client_id)
            .header("x-timestamp", seconds.to_string())
            .header("x-signature", signature)
    }

    /// With an idempotency key.
    #[must_use]
    pub fn idempotent(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// The event that API Gateway would make of it.
    #[must_use]
    pub fn event(&self) -> Value {
        event::api_event(&self.method, &self.target, &self.headers, &self.body)
    }
}
