//! Sends updates to the webhook: in order, again until it answers 2xx, and does what its answer asks for.

use std::{pin::Pin, time::Duration};

use axum::body::Bytes;
use reqwest::{
    Response,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::Value;
use tokio::time::sleep;

use super::{
    State, methods, params,
    world::{Job, Lane, Told, Webhook},
};

/// The header by which the webhook knows Telegram.
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";
/// Methods that a webhook's answer cannot call; those that begin with `get` neither.
const NOT_AS_ANSWER: [&str; 4] = ["deletewebhook", "setwebhook", "close", "logout"];

/// How a delivery went.
pub(super) struct Delivery {
    pub(super) told: Told,
    retry_after: Option<Duration>,
    answer: Option<(String, Bytes)>,
}

/// Sends a lane's updates until none is left. (Boxed, because an answer may set off further deliveries.)
pub(super) fn run(state: State, lane: Lane) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let sending = async {
            loop {
                let job = state.world().updates.next_job(lane);
                let Some(job) = job else { return };
                send(&state, &job).await;
            }
        };
        tokio::select! {
            () = sending => {}
            () = state.stopped() => {}
        }
    })
}

async fn send(state: &State, job: &Job) {
    let delivery = {
        let _permit = job.webhook.permits.acquire().await;
        post(state, &job.webhook, &job.update, job.retries.timeout_ms).await
    };
    let pause = if delivery.is_success() { None } else { Some(pause(job, delivery.retry_after)) };
    obey(state, job.id, delivery.answer).await;
    state.world().updates.sent(job, delivery.told);
    if let Some(pause) = pause {
        sleep(pause).await;
    }
}

fn pause(job: &Job, asked: Option<Duration>) -> Duration {
    let most = Duration::from_millis(job.retries.most_delay_ms);
    let doubled = job.retries.first_delay_ms.saturating_mul(1_u64.checked_shl(job.tries).unwrap_or(u64::MAX));
    asked.unwrap_or(Duration::from_millis(doubled)).min(most)
}

impl Delivery {
    fn is_success(&self) -> bool {
        self.told.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Posts an update, once.
pub(super) async fn post(state: &State, webhook: &Webhook, update: &Value, timeout_ms: u64) -> Delivery {
    let mut request = state.http().post(&webhook.url).header(CONTENT_TYPE, "application/json").body(update.to_string());
    request = request.timeout(Duration::from_millis(timeout_ms));
    if let Some(secret) = &webhook.secret {
        request = request.header(SECRET_HEADER, secret);
    }
    match request.send().await {
        Ok(response) => answered(response).await,
        Err(error) => failed(&error),
    }
}

async fn answered(response: Response) -> Delivery {
    let status = response.status();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header(RETRY_AFTER).and_then(|value| value.parse().ok()).map(Duration::from_secs);
    let content_type = header(CONTENT_TYPE).unwrap_or_default().to_owned();
    match response.bytes().await {
        Ok(body) => {
            let answer = status.is_success().then_some((content_type, body));
            Delivery { told: Told { status: Some(status.as_u16()), error: None }, retry_after, answer }
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &reqwest::Error) -> Delivery {
    let words = if error.is_timeout() {
        "Read timeout expired"
    } else if error.is_connect() {
        "Connection refused"
    } else {
        "Webhook connection closed"
    };
    Delivery { told: Told { status: None, error: Some(words.to_owned()) }, retry_after: None, answer: None }
}

/// Calls the method that a webhook answered with; its result is told to nobody.
pub(super) async fn obey(state: &State, update_id: i64, answer: Option<(String, Bytes)>) {
    let Some((content_type, body)) = answer else { return };
    let params = params::from_answer(&content_type, body).await;
    let Some(method) = params.method() else { return };
    let name = method.to_ascii_lowercase();
    if NOT_AS_ANSWER.contains(&name.as_str()) || name.starts_with("get") {
        return;
    }
    let error = methods::run(state, &name, params).await.err().map(|refusal| refusal.to_string());
    state.world().updates.answered(update_id, &method, error);
}

/// Posts an update and obeys the answer, once and out of turn: for deliveries on demand.
pub(super) async fn post_now(state: &State, webhook: &Webhook, update: &Value) -> Told {
    let timeout_ms = state.world().updates.retries.timeout_ms;
    let delivery = post(state, webhook, update, timeout_ms).await;
    let update_id = update.get("update_id").and_then(Value::as_i64).unwrap_or_default();
    obey(state, update_id, delivery.answer).await;
    delivery.told
}
