//! An answer, alike whether it came over HTTP or out of a function.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

/// Status, headers and body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case; repeated ones joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// The raw body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads what a function gave to API Gateway (payload format 2.0); nothing where it is of another form.
    #[must_use]
    pub fn of_event(event: &Value) -> Option<Self> {
        let status = u16::try_from(event.get("statusCode")?.as_u64()?).ok()?;
        let text = event.get("body").and_then(Value::as_str).unwrap_or_default();
        let encoded = event.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
        let body = if encoded { BASE64_STANDARD.decode(text).ok()? } else { text.as_bytes().to_vec() };
        let mut answer = Self { status, headers: BTreeMap::new(), body };
        for (name, value) in event.get("headers").and_then(Value::as_object).into_iter().flatten() {
            answer.add(name, value.as_str()?);
        }
        Some(answer)
    }

    /// One header more; a name that is there already gets the value behind its own.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        let known = self.headers.entry(name.to_ascii_lowercase());
        known.and_modify(|known| *known = format!("{known}, {value}")).or_insert_with(|| value.to_owned());
    }

    /// The header of this name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body as text; bytes that are no UTF-8 are shown as such.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A string of the JSON body, by its top-level name; empty where there is none.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        self.json().get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_functions_answer_is_read() {
        let event = json!({
            "statusCode": 201, "headers": { "Content-Type": "application/json" }, "isBase64Encoded": true,
            "body": BASE64_STANDARD.encode(br#"{"a":"b"}"#),
        });
        let mut answer = Answer::of_event(&event).unwrap();
        assert_eq!((answer.status, answer.field("a")), (201, "b".to_owned()));
        answer.add("content-type", "x");
        assert_eq!(answer.header("content-type"), Some("application/json, x"));
        assert_eq!(Answer::of_event(&json!({ "body": "" })), None);
    }
}
