//! One request as it arrived, without its credentials.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, header, request::Parts};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::RECORDED_BODY_BYTES;

/// The header by which AWS protocols name the operation.
const TARGET_HEADER: &str = "x-amz-target";

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Counts up from 0 over the life of the stand-in.
    pub number: u64,
    /// When it arrived, RFC 3339 UTC.
    pub at: String,
    /// The method.
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The raw query, where there is one.
    pub query: Option<String>,
    /// The headers, names in lower case, repeated ones joined by `, `; `authorization` is left out.
    pub headers: BTreeMap<String, String>,
    /// The body (its first 256 KiB) as text, or as base64 where it is not UTF-8.
    pub body: String,
    /// `utf8` or `base64`.
    pub body_encoding: &'static str,
    /// `X-Amz-Target` where there is one, else the path; for JSON-RPC the path, `#` and the method.
    pub label: String,
    /// The status answered; none while it runs, and where the connection was cut.
    pub status: Option<u16>,
    /// Whether a fault struck it.
    pub faulted: bool,
}

impl Recorded {
    /// From a request's head and body.
    pub(crate) fn new(head: &Parts, body: &[u8]) -> Self {
        let label = label(head, body);
        let (body, body_encoding) = body_text(body);
        Self {
            number: 0,
            at: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: headers(&head.headers),
            body,
            body_encoding,
            label,
            status: None,
            faulted: false,
        }
    }
}

fn label(head: &Parts, body: &[u8]) -> String {
    if let Some(target) = head.headers.get(TARGET_HEADER).and_then(|value| value.to_str().ok()) {
        return target.to_owned();
    }
    let path = head.uri.path();
    match serde_json::from_slice::<JsonRpc>(body) {
        Ok(call) => format!("{path}#{}", call.method),
        Err(_) => path.to_owned(),
    }
}

/// A JSON-RPC call: all methods share one path.
#[derive(Deserialize)]
struct JsonRpc {
    #[serde(rename = "jsonrpc")]
    _version: String,
    method: String,
}

fn headers(map: &HeaderMap) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in map {
        if name == header::AUTHORIZATION {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|text| {
                text.push_str(", ");
                text.push_str(&value);
            })
            .or_insert_with(|| value.clone().into_owned());
    }
    headers
}

fn body_text(body: &[u8]) -> (String, &'static str) {
    let body = body.get(..RECORDED_BODY_BYTES).unwrap_or(body);
    match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), "utf8"),
        Err(_) => (BASE64_STANDARD.encode(body), "base64"),
    }
}
