//! Questions and approvals from outside: a service asks, people press and write in Telegram's stand-in.

mod buttons;
mod callback;
mod groups;
mod hour;
mod questions;
mod quorum;
mod routes;
mod words;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    telegram::{control, heard, until},
    world::{Answered, World},
};

/// Somebody whom Telegram knows by this name; their chat.
async fn person(world: &World, id: u64, name: &str) -> i64 {
    let new = json!({ "telegram_id": id, "first_name": name, "language_code": "en" });
    control(world, Method::POST, "/people", Some(&new)).await;
    i64::try_from(id).unwrap()
}

fn key(world: &World) -> [(&'static str, String); 1] {
    [("x-api-key", world.service("notifier").api_key)]
}

/// The notifier calls.
async fn call(world: &World, method: Method, path: &str, body: Option<&Value>) -> Answered {
    world.ask(method, path, &key(world), body).await
}

/// The notifier asks in a chat; its task.
async fn ask(world: &World, chat: i64, payload: &Value) -> u64 {
    let body = json!({ "type": "ask", "chat_id": chat, "payload": payload });
    let (status, _, task) = call(world, Method::POST, "/enqueue_command", Some(&body)).await;
    assert_eq!((status, task["status"].as_str()), (StatusCode::ACCEPTED, Some("queued")), "{task}");
    task["task_id"].as_u64().unwrap()
}

/// The task once it has ended, or as it is after so many seconds.
async fn task(world: &World, id: u64, wait_seconds: u32) -> Value {
    let path = format!("/api/v1/tasks/{id}?wait_seconds={wait_seconds}");
    let (status, _, task) = call(world, Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::OK, "{task}");
    task
}

/// The notifier asks for an approval.
async fn approval(world: &World, body: &Value) -> Value {
    let (status, _, approval) = call(world, Method::POST, "/api/v1/approvals", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{approval}");
    approval
}

/// The approval as the notifier sees it.
async fn seen(world: &World, approval: &Value) -> Value {
    let path = format!("/api/v1/approvals/{}", approval["approval_id"]);
    let (status, _, approval) = call(world, Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::OK, "{approval}");
    approval
}

/// The bot's message in a chat that says this, once it is there.
pub(crate) async fn message(world: &World, chat: i64, words: &str) -> Value {
    until(words, async || {
        let said = heard(world, chat).await;
        said.into_iter().find(|message| message["text"].as_str().is_some_and(|text| text.contains(words)))
    })
    .await
}

pub(crate) fn text(message: &Value) -> &str {
    message["text"].as_str().unwrap()
}

pub(crate) fn labels(message: &Value) -> Vec<&str> {
    let rows = message["buttons"].as_array().unwrap().iter();
    rows.flat_map(|row| row.as_array().unwrap()).map(|button| button["text"].as_str().unwrap()).collect()
}

/// Somebody presses; what they are told. Waits until the table has it, as Telegram would by sending again.
pub(crate) async fn press(world: &World, person: i64, chat: i64, message: &Value, button: &str) -> String {
    let press = json!({ "message_id": message["message_id"], "button": button, "chat_id": chat });
    let told = control(world, Method::POST, &format!("/people/{person}/press"), Some(&press)).await;
    let id = told["callback_query_id"].clone();
    until("the press is answered", async || {
        let presses = control(world, Method::GET, "/presses", None).await;
        let ours = presses["presses"].as_array().unwrap().iter().find(|press| press["id"] == id).cloned()?;
        ours["answer"]["text"].as_str().map(str::to_owned)
    })
    .await
}

/// What a button of the message that says this carries: as it was sent to Telegram.
pub(crate) async fn data_of(world: &World, chat: i64, words: &str, button: &str) -> String {
    let sent = control(world, Method::GET, "/requests", None).await;
    let found = sent["requests"].as_array().unwrap().iter().find_map(|request| {
        let body: Value = serde_json::from_str(request["body"].as_str()?).ok()?;
        let ours = body["chat_id"] == chat && body["text"].as_str()?.contains(words);
        let rows = body["reply_markup"]["inline_keyboard"].as_array().filter(|_| ours)?.clone();
        let buttons = rows.iter().flat_map(|row| row.as_array().unwrap());
        buttons
            .filter(|found| found["text"] == button)
            .find_map(|found| Some(found["callback_data"].as_str()?.to_owned()))
    });
    found.unwrap_or_else(|| panic!("no button {button} was sent: {sent}"))
}

/// A press as somebody may make it up who has learnt everything but the secret token of the webhook.
pub(crate) struct Crafted<'a> {
    pub(crate) update_id: u64,
    pub(crate) from: i64,
    pub(crate) chat: i64,
    pub(crate) message_id: &'a Value,
    pub(crate) text: &'a str,
    pub(crate) data: &'a str,
}

impl Crafted<'_> {
    /// The update, as Telegram writes it.
    pub(crate) fn update(&self) -> Value {
        let form = if self.chat > 0 { json!("private") } else { json!("supergroup") };
        json!({ "update_id": self.update_id, "callback_query": {
            "id": self.update_id.to_string(), "chat_instance": "1", "data": self.data,
            "from": { "id": self.from, "is_bot": false, "first_name": "Anna", "language_code": "en" },
            "message": {
                "message_id": self.message_id, "date": 1_700_000_000, "text": self.text,
                "chat": { "id": self.chat, "type": form, "title": "Family", "first_name": "Anna" },
            },
        } })
    }

    /// Delivers it; what Telegram is told to say.
    pub(crate) async fn deliver(&self, world: &World) -> String {
        let update = self.update();
        let secret = [("x-telegram-bot-api-secret-token", world.system.demo().bot.webhook_secret.clone())];
        let (status, _, answer) = world.ask(Method::POST, "/telegram/webhook", &secret, Some(&update)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["text"].as_str().unwrap_or_default().to_owned()
    }
}
