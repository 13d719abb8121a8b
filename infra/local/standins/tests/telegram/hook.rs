//! A bot's webhook: keeps what it was sent and answers as it is told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// An update as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) update: Value,
    pub(crate) secret: Option<String>,
}

/// How the webhook answers.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) delay: Duration,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, body: Value::Null, delay: Duration::ZERO }
    }

    pub(crate) fn method(body: Value) -> Self {
        Self { body, ..Self::status(200) }
    }
}

#[derive(Clone, Default)]
struct Kept {
    seen: Arc<Mutex<Vec<Seen>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

pub(crate) struct Hook {
    kept: Kept,
    pub(crate) url: String,
}

impl Hook {
    pub(crate) async fn start() -> Self {
        let kept = Kept::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/telegram/webhook", listener.local_addr().unwrap());
        let router = Router::new().route("/telegram/webhook", post(answer)).with_state(kept.clone());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { kept, url }
    }

    /// The next updates are answered so; those after them with 200.
    pub(crate) fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.kept.replies.lock().unwrap().extend(replies);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.kept.seen.lock().unwrap().clone()
    }

    /// Waits until so many updates have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Seen> {
        for _ in 0..500 {
            if self.seen().len() >= count {
                return self.seen();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} of {count} updates came", self.seen().len());
    }
}

async fn answer(State(kept): State<Kept>, headers: HeaderMap, Json(update): Json<Value>) -> (StatusCode, Json<Value>) {
    let secret = headers.get("x-telegram-bot-api-secret-token").map(|value| value.to_str().unwrap().to_owned());
    kept.seen.lock().unwrap().push(Seen { update, secret });
    let reply = kept.replies.lock().unwrap().pop_front().unwrap_or(Reply::method(json!({})));
    tokio::time::sleep(reply.delay).await;
    (StatusCode::from_u16(reply.status).unwrap(), Json(reply.body))
}
