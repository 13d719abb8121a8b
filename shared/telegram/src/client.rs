//! Sends calls to the Bot API, each once.

use std::{sync::Arc, time::Duration};

use countersign_core::{ChatId, Secret, messaging::BotCall};
use reqwest::{
    Client, RequestBuilder, Url,
    multipart::{Form, Part},
};
use serde_json::Value;

use crate::{
    SendFailure, failure,
    request::{Request, Unsendable},
};

/// How long one call may take, in seconds. Telegram answers within one; a file that it fetches takes longer.
pub const CALL_SECONDS: u64 = 15;
/// The largest answer that is read, in bytes: it must fit into the task's item, which holds 400 KB.
const ANSWER_BYTES: usize = 256 * 1024;

/// The Bot API at one address, as one bot. Clones share their connections.
#[derive(Clone)]
pub struct Telegram {
    base_url: Arc<str>,
    token: Arc<Secret>,
    http: Client,
}

impl Telegram {
    /// At this address (`https://api.telegram.org`), as the bot with this token, through this client.
    #[must_use]
    pub fn new(base_url: &str, token: Secret, http: Client) -> Self {
        Self { base_url: base_url.trim_end_matches('/').into(), token: Arc::new(token), http }
    }

    /// Does the call in this chat, once. `about` is Telegram's number of the message that the call is about, where it is
    /// about one ([`BotCall::about`], with what another entry sent looked up).
    ///
    /// # Errors
    /// [`SendFailure`] says whether it was done and what may follow.
    pub async fn send(&self, chat: ChatId, call: &BotCall, about: Option<i64>) -> Result<Value, SendFailure> {
        let request = Request::read(chat, call, about);
        self.call(request.map_err(|Unsendable(why)| SendFailure::Refused(why.to_owned()))?).await
    }

    /// Makes one request of the Bot API.
    pub(crate) async fn call(&self, request: Request) -> Result<Value, SendFailure> {
        let sending = self.request(request).ok_or_else(|| SendFailure::Refused("no address to call".to_owned()))?;
        let response = sending.timeout(Duration::from_secs(CALL_SECONDS)).send().await.map_err(unanswered)?;
        let status = response.status().as_u16();
        let body = answer(response).await.map_err(unanswered)?;
        failure::read(status, &body)
    }

    fn request(&self, request: Request) -> Option<RequestBuilder> {
        let token = self.token.expose_str()?;
        let url = Url::parse(&format!("{}/bot{token}/{}", self.base_url, request.method)).ok()?;
        let sending = self.http.post(url);
        let Some((parameter, name, bytes)) = request.file else {
            return Some(sending.json(&request.parameters));
        };
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let form = request.parameters.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, text(value)));
        Some(sending.multipart(form.part(parameter, Part::bytes(bytes).file_name(name))))
    }
}

/// The body, cut where it is longer than any answer of Telegram's: then it says nothing.
async fn answer(mut response: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        body.extend_from_slice(&part);
        if body.len() > ANSWER_BYTES {
            body.truncate(ANSWER_BYTES);
            break;
        }
    }
    Ok(body)
}

/// Only a connection that was never made proves that nothing was sent. The address holds the token and is left out.
fn unanswered(error: reqwest::Error) -> SendFailure {
    let nothing_left = error.is_connect() || error.is_builder();
    let words = error.without_url().to_string();
    if nothing_left { SendFailure::NotSent(words) } else { SendFailure::Unknown(words) }
}
