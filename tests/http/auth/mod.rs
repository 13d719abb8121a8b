//! Who a person is: accounts and logins, binding to Telegram by a code, logging in by launch data.

mod binding;
mod codes;
mod login;
mod mini_app;
mod other_library;
mod records;
mod refresh;

use countersign_core::{Moment, Person, UserId};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    telegram::answered,
    world::{Answered, World, text, unix_seconds},
};

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const START: &str = "/api/v1/auth/telegram/start";
const CONFIRM: &str = "/api/v1/auth/telegram/confirm";
const MINI_APP: &str = "/api/v1/auth/telegram/mini-app";

/// Somebody who registered without Telegram: their user id and token.
async fn unbound(world: &World) -> (u64, String) {
    let user_id = world.newcomer().await.user_id + 2;
    let now = Moment::from_seconds(i64::try_from(unix_seconds()).unwrap());
    let person = Person::new(UserId::new(user_id).unwrap(), None, "user", now);
    assert!(world.system.store().bootstrap().add_person(&person).await.unwrap());
    (user_id, world.token(user_id, None))
}

/// A bot that is a service asks for a code.
async fn start(world: &World, chat: u64, headers: &[(&'static str, String)]) -> Answered {
    let key = ("x-api-key", world.service("mini_app_backend").api_key);
    let headers: Vec<_> = headers.iter().cloned().chain([key]).collect();
    world.ask(Method::POST, START, &headers, Some(&json!({ "chat_id": chat }))).await
}

async fn code(world: &World, chat: u64) -> String {
    let (status, _, started) = start(world, chat, &[]).await;
    assert_eq!(status.as_u16(), 200, "{started}");
    assert_eq!(started["expires_in"], 600);
    text(&started, "code")
}

fn body(code: &str, chat: u64) -> Value {
    json!({ "code": code, "chat_id": chat, "username": "anna", "first_name": "Anna" })
}

async fn confirm(world: &World, token: &str, code: &str, chat: u64) -> Answered {
    world.post(CONFIRM, Some(token), &body(code, chat)).await
}

/// `/bind` in the bot, as a person reads it.
async fn code_of_the_bot(world: &World, person: u64) -> String {
    let said = answered(world, person, "/bind").await;
    let word =
        |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    said.split_whitespace().find(word).unwrap_or_else(|| panic!("no code: {said}")).to_owned()
}
