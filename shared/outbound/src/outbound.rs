//! The client: one POST, no redirect, no proxy, a time-out, and an answer that is read only so far.

use std::{error::Error as _, sync::Arc, time::Duration};

use countersign_core::Moment;
use reqwest::{
    Client, Response,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
    redirect::Policy,
};

use crate::{
    BadUrl, Letter, LetterError, Names, Rules, SystemNames,
    names::{Checked, RefusedAddress},
};

/// How long one try may take, from the name's look-up to the answer's last byte: Standard Webhooks recommends 15 to 30 s.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
pub const ANSWER_BYTES: usize = 64 * 1024;

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status. A redirect is an answer like any other: it is not followed.
    pub status: u16,
    /// `Retry-After` in seconds, where it is a number.
    pub retry_after_seconds: Option<u32>,
    /// The body; none where it is larger than [`ANSWER_BYTES`].
    pub body: Option<Vec<u8>>,
}

impl Answered {
    /// 2xx: the receiver has it.
    #[must_use]
    pub fn accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer. None of it shows the URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPosted {
    /// The URL is none that may be called.
    #[error("{0}")]
    Url(#[from] BadUrl),
    /// It cannot be signed.
    #[error("{0}")]
    Letter(#[from] LetterError),
    /// The name leads to an address that is not public.
    #[error("the name leads to an address that is not public ({0})")]
    Address(&'static str),
    /// No connection was made.
    #[error("no connection could be made")]
    Connect,
    /// No answer in time.
    #[error("no answer within {} seconds", TIMEOUT.as_secs())]
    Timeout,
    /// The connection was lost, or what came back is no HTTP.
    #[error("the connection was lost before the answer was whole")]
    Lost,
}

/// Posts to URLs that others registered. Clones share their connections.
#[derive(Clone)]
pub struct Outbound {
    http: Client,
    rules: Rules,
    timeout: Duration,
}

impl Outbound {
    /// A client under these rules, with the operating system's resolver.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(rules: Rules) -> Result<Self, reqwest::Error> {
        Self::with_names(rules, Arc::new(SystemNames))
    }

    /// The same with another resolver.
    ///
    /// # Errors
    /// As [`Outbound::new`].
    pub fn with_names(rules: Rules, names: Arc<dyn Names>) -> Result<Self, reqwest::Error> {
        // Another client of the process may have installed it before: the same provider either way.
        let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(Arc::new(Checked { names, rules: rules.clone() }))
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, rules, timeout: TIMEOUT })
    }

    /// With another time-out.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Posts a letter, once.
    ///
    /// # Errors
    /// See [`NotPosted`]. After `Timeout` and `Lost` the receiver may have it all the same: the same `webhook-id` tells
    /// it so when the letter comes again.
    pub async fn post(&self, url: &str, letter: &Letter<'_>, now: Moment) -> Result<Answered, NotPosted> {
        let url = self.rules.check(url)?;
        let headers = letter.headers(now)?;
        let request = self.http.post(url).timeout(self.timeout).headers(headers);
        let request = request.header(CONTENT_TYPE, "application/json").body(letter.body.to_owned());
        let response = request.send().await.map_err(|error| failure(&error))?;
        let (status, retry_after_seconds) = (response.status().as_u16(), retry_after(response.headers()));
        Ok(Answered { status, retry_after_seconds, body: bounded(response).await? })
    }
}

fn failure(error: &reqwest::Error) -> NotPosted {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<RefusedAddress>() {
            return NotPosted::Address(refused.0);
        }
        cause = error.source();
    }
    if error.is_connect() || error.is_builder() {
        NotPosted::Connect
    } else if error.is_timeout() {
        NotPosted::Timeout
    } else {
        NotPosted::Lost
    }
}

fn retry_after(headers: &HeaderMap) -> Option<u32> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// Reads at most [`ANSWER_BYTES`]; of a larger answer nothing is kept.
async fn bounded(mut response: Response) -> Result<Option<Vec<u8>>, NotPosted> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}
