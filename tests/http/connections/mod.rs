//! Linked accounts from outside: a person asks in the bot, consents at the provider's stand-in, and comes back by the deep link.

mod browser;
mod callback;
mod hidden;
mod once;
mod people;
mod reminders;
mod tokens;
mod unlink;
mod whole;

use countersign_local::demo::DemoPerson;
use countersign_testkit::{Answer, Call};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use crate::{
    approvals,
    telegram::{answered, heard, say, stranger},
    world::World,
};

/// The contract's sentences.
pub(super) const GONE: &str = "Invalid or expired authorization code. Please try /login again.";
pub(super) const MISMATCH: &str = "Security error: Authorization code mismatch.";
const TOKEN: &str = "/api/v1/connections/spotify/token";

/// A control route of the providers' stand-in.
pub(super) async fn provider(world: &World, path: &str, body: &Value) -> Value {
    let url = format!("{}/_control{path}", world.system.oauth().url());
    let response = world.http.post(url).body(body.to_string()).send().await.unwrap();
    let (status, bytes) = (response.status(), response.bytes().await.unwrap());
    assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// A person of ours who is in Telegram as well.
pub(super) async fn person(world: &World) -> DemoPerson {
    let person = world.newcomer().await;
    stranger(world, person.telegram_id, Some("en")).await;
    person
}

/// The same person in Telegram as well.
pub(super) async fn person_in_telegram(world: &World, person: &DemoPerson) {
    stranger(world, person.telegram_id, Some("en")).await;
}

pub(super) fn chat(person: &DemoPerson) -> i64 {
    i64::try_from(person.telegram_id).unwrap()
}

/// `/login spotify`; the URL of the button.
pub(super) async fn login(world: &World, person: &DemoPerson) -> String {
    say(world, person.telegram_id, "/login spotify").await;
    let messages = heard(world, chat(person)).await;
    messages.last().unwrap()["buttons"][0][0]["url"].as_str().unwrap().to_owned()
}

/// Where the provider sends the browser after this decision.
pub(super) async fn decided(world: &World, authorize_url: &str, decision: &str) -> String {
    let body = json!({ "authorize_url": authorize_url, "decision": decision });
    provider(world, "/consent", &body).await["redirect_to"].as_str().unwrap().to_owned()
}

/// The browser follows; the status, and the code's id where it is sent on to the bot.
pub(super) async fn back(world: &World, url: &str) -> (StatusCode, Option<String>) {
    let response = world.http.get(url).send().await.unwrap();
    let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
    let bot = format!("https://t.me/{}?start=", world.system.demo().bot.username);
    (response.status(), to.map(|to| to.strip_prefix(&bot).unwrap().to_owned()))
}

/// A code that waits for this person.
pub(super) async fn code(world: &World, person: &DemoPerson) -> String {
    let url = login(world, person).await;
    let (status, code) = back(world, &decided(world, &url, "approve").await).await;
    assert_eq!(status, StatusCode::FOUND);
    code.unwrap()
}

/// What the bot says to this code.
pub(super) async fn redeemed(world: &World, person: &DemoPerson, code: &str) -> String {
    answered(world, person.telegram_id, &format!("/start {code}")).await
}

/// A person with a linked Spotify account.
pub(super) async fn linked(world: &World) -> DemoPerson {
    let person = person(world).await;
    link(world, &person).await;
    person
}

/// Links this person's Spotify account.
pub(super) async fn link(world: &World, person: &DemoPerson) {
    let code = code(world, person).await;
    let said = redeemed(world, person, &code).await;
    assert!(said.contains("connected") && said.contains("/setname"), "{said}");
}

/// The status of the one linked account; none where there is none.
pub(super) async fn status(world: &World, person: &DemoPerson) -> Option<String> {
    let (status, _, list) = world.get("/api/v1/connections", Some(&person.access_token)).await;
    assert_eq!(status, StatusCode::OK, "{list}");
    list["connections"][0]["status"].as_str().map(str::to_owned)
}

/// What the token reader is answered.
pub(super) async fn token(world: &World, person: &DemoPerson) -> Answer {
    let service = world.service("token_reader");
    world.send(&Call::get(&format!("{TOKEN}?telegram_id={}", person.telegram_id)).api_key(&service.api_key)).await
}

/// How often the stand-in was asked for tokens of this grant type.
pub(super) fn asked(world: &World, grant_type: &str) -> usize {
    let requests = world.system.oauth().control().requests();
    let wanted = format!("grant_type={grant_type}");
    requests.iter().filter(|request| request.label.ends_with("/token") && request.body.contains(&wanted)).count()
}

/// Presses a button of the last message, and waits until the press is answered.
pub(super) async fn press(world: &World, person: &DemoPerson, button: &str) {
    let message = heard(world, chat(person)).await.pop().unwrap();
    approvals::press(world, chat(person), chat(person), &message, button).await;
}
