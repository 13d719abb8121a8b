//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): same key and body replay, other body is refused.

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::{Moment, Refusal, RefusalKind, limits};

/// A key as the client sent it, with the fingerprint of what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyKey {
    /// The name under which the record is kept: a hash of the route and the key. The caller's partition scopes it.
    pub name: String,
    /// SHA-256 of route, target and body, lower-case hex.
    pub fingerprint: String,
}

impl IdempotencyKey {
    /// Reads the header's value for a request to `route` (method and path as routed) whose target (path and query as
    /// sent) is `target`, with `body`.
    ///
    /// # Errors
    /// 400 where it is not 1 to 255 visible ASCII characters.
    pub fn read(value: &[u8], route: &str, target: &str, body: &[u8]) -> Result<Self, Refusal> {
        let visible = value.iter().all(u8::is_ascii_graphic);
        if value.is_empty() || value.len() > limits::IDEMPOTENCY_KEY_CHARS || !visible {
            return Err(Refusal::invalid("Idempotency-Key must be 1 to 255 visible ASCII characters"));
        }
        let fingerprint = hash(&[route.as_bytes(), target.as_bytes(), body]);
        Ok(Self { name: hash(&[route.as_bytes(), value]), fingerprint })
    }
}

fn hash(parts: &[&[u8]]) -> String {
    // Part by part: a body may hold a key, and a copy of it would be left behind.
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    hex::encode(context.finish())
}

/// How far the first request with a key has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It has committed an intent and waits for an outside system, or it is an import at its rows.
    Running,
    /// What the outside system did is not known.
    Unknown,
    /// It has an answer.
    Finished,
}

/// The stored record of a key: written in the same transaction as the effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// [`IdempotencyKey::fingerprint`] of the first request.
    pub fingerprint: String,
    /// How far it has come.
    pub progress: Progress,
    /// The first answer's status; 0 while there is none.
    pub status: u16,
    /// The first answer's body; empty while there is none.
    pub body: String,
    /// When it was last written.
    pub written_at: Moment,
}

impl IdempotencyRecord {
    /// A record with its answer.
    #[must_use]
    pub fn finished(key: &IdempotencyKey, status: u16, body: String, now: Moment) -> Self {
        Self { fingerprint: key.fingerprint.clone(), progress: Progress::Finished, status, body, written_at: now }
    }

    /// A record whose answer is still to come.
    #[must_use]
    pub fn open(key: &IdempotencyKey, progress: Progress, now: Moment) -> Self {
        Self { fingerprint: key.fingerprint.clone(), progress, status: 0, body: String::new(), written_at: now }
    }

    /// The moment from which the record counts as gone, whether TTL has run or not.
    #[must_use]
    pub fn expires_at(&self) -> Moment {
        self.written_at.plus_seconds(limits::IDEMPOTENCY_SECONDS)
    }
}

/// What a stored record means for a request with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay<'a> {
    /// No live record: run it.
    Fresh,
    /// Answer this again.
    Answer(&'a IdempotencyRecord),
    /// The first one's outcome is not known: look, never run it again.
    Look,
}

/// Judges a request against the stored record of its key.
///
/// # Errors
/// 422 where the key was used with another body; 409 while the first one still runs.
pub fn replay<'a>(
    key: &IdempotencyKey,
    record: Option<&'a IdempotencyRecord>,
    now: Moment,
) -> Result<Replay<'a>, Refusal> {
    let Some(record) = record.filter(|record| record.expires_at() > now) else {
        return Ok(Replay::Fresh);
    };
    if record.fingerprint != key.fingerprint {
        return Err(Refusal::new(RefusalKind::KeyReused, "Idempotency-Key was used with another request"));
    }
    match record.progress {
        Progress::Finished => Ok(Replay::Answer(record)),
        Progress::Running if record.written_at.plus_seconds(limits::INTENT_LEASE_SECONDS) > now => {
            Err(Refusal::conflict("A request with this Idempotency-Key is still running").retry_after(1))
        }
        Progress::Running | Progress::Unknown => Ok(Replay::Look),
    }
}

/// The finished answer of a call's key, on a route that has no outcome to look for; none where the call is to run.
///
/// # Errors
/// As [`replay`].
pub fn finished<'a>(
    key: Option<&IdempotencyKey>,
    record: Option<&'a IdempotencyRecord>,
    now: Moment,
) -> Result<Option<&'a IdempotencyRecord>, Refusal> {
    let Some(key) = key else { return Ok(None) };
    match replay(key, record, now)? {
        Replay::Answer(record) => Ok(Some(record)),
        Replay::Fresh | Replay::Look => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(body: &[u8]) -> IdempotencyKey {
        IdempotencyKey::read(b"k-1", "POST /api/sign", "/api/sign", body).unwrap()
    }

    #[test]
    fn replays_refuses_and_waits() {
        let now = Moment::from_seconds(1_800_000_000);
        let done = IdempotencyRecord::finished(&key(b"a"), 200, "{}".into(), now);
        assert_eq!(replay(&key(b"a"), Some(&done), now), Ok(Replay::Answer(&done)));
        assert_eq!(replay(&key(b"b"), Some(&done), now).unwrap_err().kind, RefusalKind::KeyReused);
        assert_eq!(replay(&key(b"a"), Some(&done), now.plus_seconds(limits::IDEMPOTENCY_SECONDS)), Ok(Replay::Fresh));
        let running = IdempotencyRecord::open(&key(b"a"), Progress::Running, now);
        assert_eq!(replay(&key(b"a"), Some(&running), now).unwrap_err().kind, RefusalKind::Conflict);
        let later = now.plus_seconds(limits::INTENT_LEASE_SECONDS);
        assert_eq!(replay(&key(b"a"), Some(&running), later), Ok(Replay::Look));
    }

    /// Records live for a day: a version that hashed otherwise would run again what the one before has done.
    #[test]
    fn names_and_fingerprints_stay_the_same() {
        let key = key(br#"{"xdr":"AAAA"}"#);
        assert_eq!(key.name, "fcd60c34e9ab934a3c5d9424c9a2f22e6d63df9bdf004c3f229100034d33c9c4");
        assert_eq!(key.fingerprint, "622647b90b927873c994a40067dcbecb31fe00fba2a05324ef10c64814fcb2f6");
    }

    #[test]
    fn keys_are_visible_ascii() {
        for bad in [&b""[..], b"a b", b"\x7f", "ключ".as_bytes(), &[b'a'; 256]] {
            assert!(IdempotencyKey::read(bad, "POST /sign", "/sign", b"").is_err());
        }
    }
}
