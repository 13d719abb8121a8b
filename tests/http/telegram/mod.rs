//! The bot from outside: people write to it in Telegram's stand-in, and read there what it says.

mod commands;
mod courier;
mod menus;
mod money;
mod once;
mod overdue;
mod page;
mod people;
mod roles;
mod secret;
mod service_commands;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::World;

/// How long a message may take from its decision to the chat.
const PATIENCE: Duration = Duration::from_secs(15);

/// A call of the stand-in's control routes.
pub(crate) async fn control(world: &World, method: Method, path: &str, body: Option<&Value>) -> Value {
    let url = format!("{}/_control{path}", world.system.demo().standins.telegram.as_deref().unwrap());
    let mut request = world.http.request(method, url);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let (status, bytes) = (response.status(), response.bytes().await.unwrap());
    assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Somebody new to Telegram and to us, whose app speaks this language.
pub(crate) async fn stranger(world: &World, telegram_id: u64, language: Option<&str>) -> u64 {
    let person = json!({ "telegram_id": telegram_id, "first_name": "Anna", "language_code": language });
    control(world, Method::POST, "/people", Some(&person)).await;
    telegram_id
}

/// A person writes to the bot; what the stand-in tells of it.
pub(crate) async fn say(world: &World, telegram_id: u64, text: &str) -> Value {
    let said =
        control(world, Method::POST, &format!("/people/{telegram_id}/message"), Some(&json!({ "text": text }))).await;
    assert_eq!(said["webhook_status"], 200, "{said}");
    said
}

/// A person writes in a group.
pub(crate) async fn say_in(world: &World, group: i64, telegram_id: u64, text: &str) -> Value {
    let said = json!({ "text": text, "chat_id": group });
    control(world, Method::POST, &format!("/people/{telegram_id}/message"), Some(&said)).await
}

/// What the bot has said in a chat, oldest first.
pub(crate) async fn heard(world: &World, chat: i64) -> Vec<Value> {
    let shown = control(world, Method::GET, &format!("/chats/{chat}"), None).await;
    let messages = shown["messages"].as_array().cloned().unwrap_or_default();
    messages.into_iter().filter(|message| message["from"] == "bot").collect()
}

/// The same, texts alone.
pub(crate) async fn texts(world: &World, chat: i64) -> Vec<String> {
    heard(world, chat).await.iter().map(|message| message["text"].as_str().unwrap_or_default().to_owned()).collect()
}

/// A person writes, and the bot says one thing: that.
pub(crate) async fn answered(world: &World, telegram_id: u64, text: &str) -> String {
    let chat = i64::try_from(telegram_id).unwrap();
    let before = texts(world, chat).await.len();
    say(world, telegram_id, text).await;
    let after = texts(world, chat).await;
    let [answer] = &after[before..] else { panic!("{text}: {:?}", &after[before..]) };
    answer.clone()
}

/// Waits until this is so; what it was then.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A group in which these people are; the bot as well.
pub(crate) async fn group(world: &World, id: i64, members: &[u64]) -> i64 {
    let new = json!({ "chat_id": id, "title": "Family", "members": members });
    control(world, Method::POST, "/chats", Some(&new)).await["chat_id"].as_i64().unwrap()
}
