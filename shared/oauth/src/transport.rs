//! Carries requests of the `oauth2` crate through our own HTTP client, once each, and tells what may have reached its end.

use std::time::Duration;

use oauth2::{HttpRequest, HttpResponse};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES: usize = 256 * 1024;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// It has not acted.
    #[error("{0}")]
    NotDone(&'static str),
    /// It may have acted.
    #[error("{0}")]
    Lost(&'static str),
}

/// Sends a request. `errors_in_200`: a refusal comes with status 200 and gets the one of RFC 6749, 5.2.
pub(crate) async fn send(http: Client, errors_in_200: bool, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
    let request: reqwest::Request = request.try_into().map_err(|_| NoAnswer::NotDone("not a request"))?;
    let sending = reqwest::RequestBuilder::from_parts(http, request).timeout(PATIENCE);
    let response = sending.send().await.map_err(|error| no_answer(&error))?;
    let (status, headers) = (response.status(), response.headers().clone());
    check(status)?;
    let body = read_limited(response).await?;
    let refused = errors_in_200 && status == StatusCode::OK && is_error(&body);
    let mut answer = HttpResponse::new(body);
    *answer.status_mut() = if refused { StatusCode::BAD_REQUEST } else { status };
    *answer.headers_mut() = headers;
    Ok(answer)
}

/// What a failed request of reqwest's means.
pub(crate) fn no_answer(error: &reqwest::Error) -> NoAnswer {
    if error.is_connect() || error.is_builder() {
        NoAnswer::NotDone("the provider could not be reached")
    } else if error.is_timeout() {
        NoAnswer::Lost("no answer in time")
    } else {
        NoAnswer::Lost("the connection was lost")
    }
}

/// What a status means before anything is read.
pub(crate) fn check(status: StatusCode) -> Result<(), NoAnswer> {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Err(NoAnswer::NotDone("the provider asks for fewer requests")),
        StatusCode::REQUEST_TIMEOUT => Err(NoAnswer::Lost("the provider did not see the whole request")),
        status if status.is_server_error() => Err(NoAnswer::Lost("the provider has a fault")),
        _ => Ok(()),
    }
}

async fn read_limited(mut response: Response) -> Result<Vec<u8>, NoAnswer> {
    let mut answer = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if answer.len() + chunk.len() <= ANSWER_BYTES => answer.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(NoAnswer::Lost("an answer that is too large")),
            Ok(None) => return Ok(answer),
            Err(_) => return Err(NoAnswer::Lost("the answer was cut short")),
        }
    }
}

fn is_error(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|body| body.get("error").is_some_and(Value::is_string))
}
