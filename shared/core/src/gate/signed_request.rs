//! Signed requests: HMAC-SHA256 over `METHOD:ENDPOINT:TIMESTAMP:BODY_HASH` with a client's secret, good once.

use http::{HeaderMap, Method};

use super::client_secret::{ClientSecrets, client_id, read_client_id};
use super::digest::{of_parts, read_lower_hex, sha256};
use super::service_key::LIVE_KEYS;
use crate::{Moment, ServiceId, limits};

/// Names the client: `svc-<service id>`.
pub const CLIENT_ID: &str = "x-client-id";
/// Unix seconds in plain digits.
pub const TIMESTAMP: &str = "x-timestamp";
/// 64 lower-case hex digits.
pub const SIGNATURE: &str = "x-signature";

/// The longest timestamp that is read, in digits.
const TIMESTAMP_DIGITS: usize = 12;
/// How much longer than needed a replay claim is kept, in seconds: machines' clocks differ.
const CLAIM_MARGIN_SECONDS: i64 = 60;
/// Never given to a client: what an unknown one is compared with, so that it takes as long as a wrong signature.
const NO_VERSION: u32 = u32::MAX;

/// What must be claimed by a conditional write before the request has any effect: the second to claim it is a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayClaim {
    /// 64 hex digits, one per client and signature.
    pub key: String,
    /// Until when it must be kept, at least.
    pub keep_until: Moment,
}

/// A signed request of the right form, not yet verified.
pub struct SignedRequest {
    service_id: ServiceId,
    timestamp_seconds: i64,
    signature: [u8; 32],
    messages: [Vec<u8>; 2],
}

impl SignedRequest {
    /// Reads the three headers; `None` where none of them is there.
    ///
    /// `target` is the request target exactly as sent, `body` the raw body. A `?` with nothing after it is lost on the way
    /// through API Gateway and Lambda's own types, so a client may have signed it or not.
    ///
    /// # Errors
    /// Why they are of no use, for the log: one is missing, doubled or malformed.
    pub(super) fn read(
        headers: &HeaderMap,
        method: &Method,
        target: &str,
        body: &[u8],
    ) -> Result<Option<Self>, &'static str> {
        if ![CLIENT_ID, TIMESTAMP, SIGNATURE].iter().any(|name| headers.contains_key(*name)) {
            return Ok(None);
        }
        let client = only(headers, CLIENT_ID).and_then(read_client_id).ok_or("X-Client-Id missing or malformed")?;
        let timestamp = only(headers, TIMESTAMP).ok_or("X-Timestamp missing or doubled")?;
        let seconds = read_timestamp(timestamp).ok_or("X-Timestamp malformed")?;
        let signature = only(headers, SIGNATURE).and_then(read_lower_hex).ok_or("X-Signature missing or malformed")?;
        let path = target.strip_suffix('?').unwrap_or(target);
        let marked = if path.contains('?') { target.to_owned() } else { format!("{path}?") };
        let messages = [path, &marked].map(|target| message(method, target, timestamp, body).into_bytes());
        Ok(Some(Self { service_id: client, timestamp_seconds: seconds, signature, messages }))
    }

    /// Whose record to read; not proven.
    #[must_use]
    pub fn service_id(&self) -> ServiceId {
        self.service_id
    }

    /// Whether the signature is of a live version of the client's secret (the first two count) and the time is right.
    /// It takes the same time with one live version, with two, and with none because nobody knows the client.
    pub(super) fn verify(&self, secrets: &ClientSecrets, live: &[u32], now: Moment) -> bool {
        let client = client_id(self.service_id);
        let mut right = false;
        for slot in 0..LIVE_KEYS {
            let version = live.get(slot).copied();
            for message in &self.messages {
                let verified = secrets.verify(&client, version.unwrap_or(NO_VERSION), message, &self.signature);
                right |= verified & version.is_some();
            }
        }
        right & self.is_timely(now)
    }

    fn is_timely(&self, now: Moment) -> bool {
        self.timestamp_seconds.abs_diff(now.seconds()) <= limits::SIGNED_REQUEST_SKEW_SECONDS.unsigned_abs()
    }

    /// What makes this signature good once.
    #[must_use]
    pub fn replay_claim(&self) -> ReplayClaim {
        let client = client_id(self.service_id);
        let key = of_parts(&[b"countersign/replay/v1", client.as_bytes(), &self.signature]);
        let last = Moment::from_seconds(self.timestamp_seconds).plus_seconds(limits::SIGNED_REQUEST_SKEW_SECONDS);
        ReplayClaim { key: hex::encode(key), keep_until: last.plus_seconds(CLAIM_MARGIN_SECONDS) }
    }
}

/// The bytes that a client signs.
#[must_use]
pub fn message(method: &Method, target: &str, timestamp: &str, body: &[u8]) -> String {
    let method = method.as_str().to_ascii_uppercase();
    format!("{method}:{target}:{timestamp}:{}", hex::encode(sha256(body)))
}

/// The header's value where it is there exactly once.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

/// Plain digits in their one spelling.
fn read_timestamp(text: &str) -> Option<i64> {
    let plain = (1..=TIMESTAMP_DIGITS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('0');
    if plain { text.parse().ok() } else { None }
}
