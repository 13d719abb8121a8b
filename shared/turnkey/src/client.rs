//! Sends a stamped body, once, and tells apart what is known not to have run from what may have.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde::Deserialize;

use crate::{
    Activity, GET_ACTIVITY_PATH, LIST_ACTIVITIES_PATH, Outcome, SIGN_RAW_PAYLOAD_PATH, STAMP_HEADER, read_activities,
    read_activity,
};

/// How long one request may take where nothing else is said, in seconds.
pub const REQUEST_SECONDS: u64 = 10;
/// The largest answer that is read, in bytes.
const ANSWER_BYTES: usize = 1024 * 1024;
/// How much of Turnkey's message is kept for the log, in characters.
const MESSAGE_CHARS: usize = 300;

/// Why there is no outcome. What it says about the activity is the point: only `Unknown` may have run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// No connection was made: it has not run.
    #[error("Turnkey could not be reached")]
    NotSent,
    /// Too many requests: it has not run.
    #[error("Turnkey asks for fewer requests")]
    Throttled {
        /// When to come back, in seconds, where Turnkey says so.
        retry_after_seconds: Option<u32>,
    },
    /// The request is refused: it has not run.
    #[error("Turnkey refused the request with {status}: {message}")]
    Refused {
        /// The HTTP status, from 400 to 499.
        status: u16,
        /// Turnkey's message, for the log alone: it may name organizations and keys.
        message: String,
    },
    /// No answer, or one that says nothing: it may have run. Send the same body again or look; never make a new one.
    #[error("whether Turnkey acted is not known: {why}")]
    Unknown {
        /// What came in place of an answer.
        why: &'static str,
    },
}

/// Builds the HTTP client.
pub type Connect = fn() -> Result<Client, reqwest::Error>;

/// Turnkey's public API at one address. Clones share their connections.
#[derive(Clone)]
pub struct Turnkey {
    base_url: String,
    connect: Connect,
    http: Arc<OnceLock<Client>>,
    timeout: Duration,
}

impl Turnkey {
    /// At this address (`https://api.turnkey.com`), with [`REQUEST_SECONDS`] for each request. The client is built for
    /// the first of them: most functions that start never call Turnkey.
    #[must_use]
    pub fn new(base_url: &str, connect: Connect) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { base_url, connect, http: Arc::default(), timeout: Duration::from_secs(REQUEST_SECONDS) }
    }

    /// With another time-out.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The URL of a path, as a mini-app needs it to show what it stamps.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// Submits a `SIGN_RAW_PAYLOAD` body, once. Sending the same body again never signs twice: Turnkey answers with
    /// the first activity as it now is.
    ///
    /// # Errors
    /// See [`SubmitError`]; only `Unknown` leaves open whether it ran.
    pub async fn submit(&self, body: &[u8], stamp: &str) -> Result<Outcome, SubmitError> {
        let answer = self.post(SIGN_RAW_PAYLOAD_PATH, body, stamp).await?;
        let activity = read_activity(&answer).map_err(|unreadable| SubmitError::Unknown { why: unreadable.0 })?;
        Ok(activity.outcome)
    }

    /// Looks up one activity; the body is [`crate::get_activity_body`]'s.
    ///
    /// # Errors
    /// See [`SubmitError`]; for a look-up they all mean only that nothing was seen.
    pub async fn get_activity(&self, body: &[u8], stamp: &str) -> Result<Activity, SubmitError> {
        let answer = self.post(GET_ACTIVITY_PATH, body, stamp).await?;
        read_activity(&answer).map_err(|unreadable| SubmitError::Unknown { why: unreadable.0 })
    }

    /// Looks up an organization's activities; the body is [`crate::list_activities_body`]'s.
    ///
    /// # Errors
    /// See [`SubmitError`]; for a look-up they all mean only that nothing was seen.
    pub async fn list_activities(&self, body: &[u8], stamp: &str) -> Result<Vec<Activity>, SubmitError> {
        let answer = self.post(LIST_ACTIVITIES_PATH, body, stamp).await?;
        read_activities(&answer).map_err(|unreadable| SubmitError::Unknown { why: unreadable.0 })
    }

    fn http(&self) -> Result<&Client, SubmitError> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = (self.connect)().map_err(|_| SubmitError::NotSent)?;
        Ok(self.http.get_or_init(|| http))
    }

    async fn post(&self, path: &str, body: &[u8], stamp: &str) -> Result<Vec<u8>, SubmitError> {
        let request = self.http()?.post(self.url(path)).timeout(self.timeout);
        let request = request.header(CONTENT_TYPE, "application/json").header(STAMP_HEADER, stamp);
        let response = request.body(body.to_vec()).send().await.map_err(|error| unsent_or_unknown(&error))?;
        let (status, retry_after_seconds) = (response.status(), retry_after(&response));
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(SubmitError::Throttled { retry_after_seconds });
        }
        let answer = read_limited(response).await;
        if status == StatusCode::OK {
            return answer;
        }
        // 408 comes from something between us and Turnkey that did not see the whole request, or says so.
        if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT {
            let message = answer.map(|answer| refusal_message(&answer)).unwrap_or_default();
            return Err(SubmitError::Refused { status: status.as_u16(), message });
        }
        Err(SubmitError::Unknown { why: "an answer with another status than 200" })
    }
}

fn unsent_or_unknown(error: &reqwest::Error) -> SubmitError {
    if error.is_connect() || error.is_builder() {
        SubmitError::NotSent
    } else if error.is_timeout() {
        SubmitError::Unknown { why: "no answer in time" }
    } else {
        SubmitError::Unknown { why: "the connection was lost" }
    }
}

fn retry_after(response: &Response) -> Option<u32> {
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

async fn read_limited(mut response: Response) -> Result<Vec<u8>, SubmitError> {
    let mut answer = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if answer.len() + chunk.len() <= ANSWER_BYTES => answer.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(SubmitError::Unknown { why: "an answer that is too large" }),
            Ok(None) => return Ok(answer),
            Err(_) => return Err(SubmitError::Unknown { why: "the answer was cut short" }),
        }
    }
}

fn refusal_message(answer: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    let message = serde_json::from_slice::<Refusal>(answer).map(|refusal| refusal.message).unwrap_or_default();
    message.chars().filter(|character| !character.is_control()).take(MESSAGE_CHARS).collect()
}
