//! The client against a server that misbehaves in every way: what is said of a message is what is known of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use axum::{Json, Router, body::Bytes, http::HeaderMap, routing::post};
use countersign_core::{
    ChatId, Secret,
    messaging::{BotCall, FileRef},
};
use countersign_local_control::{Control, Cut, Fault, serve};
use countersign_telegram::{CommandScope, SendFailure, Telegram};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const TOKEN: &str = "1:canary-token";

fn http() -> reqwest::Client {
    let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A server that answers every call with what it was sent.
async fn echo() -> (Telegram, Control) {
    let answer = async |headers: HeaderMap, body: Bytes| {
        let kind = headers["content-type"].to_str().unwrap().to_owned();
        Json(json!({ "ok": true, "result": { "kind": kind, "body": String::from_utf8_lossy(&body) } }))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let control = Control::new();
    let router = Router::new().route("/{bot}/{method}", post(answer));
    tokio::spawn(serve(listener, router, control.clone(), std::future::pending()));
    (Telegram::new(&url, Secret::from(TOKEN.to_owned()), http()), control)
}

fn chat() -> ChatId {
    ChatId::new(7).unwrap()
}

async fn say(telegram: &Telegram) -> Result<Value, SendFailure> {
    telegram.send(chat(), &BotCall::say("hello"), None).await
}

#[tokio::test]
async fn a_call_goes_to_its_method_with_the_token() {
    let (telegram, control) = echo().await;
    let result = say(&telegram).await.unwrap();
    assert_eq!(control.requests()[0].path, format!("/bot{TOKEN}/sendMessage"));
    let sent: Value = serde_json::from_str(result["body"].as_str().unwrap()).unwrap();
    assert_eq!(sent, json!({ "chat_id": 7, "text": "hello", "disable_notification": false }));
}

#[tokio::test]
async fn a_file_goes_as_a_form() {
    let (telegram, _control) = echo().await;
    let photo = FileRef::Content { name: "a.png".into(), base64: "aGVsbG8=".into() };
    let call = BotCall::SendPhoto { photo, caption: Some("Look".into()), buttons: None };
    let result = telegram.send(chat(), &call, None).await.unwrap();
    assert!(result["kind"].as_str().unwrap().starts_with("multipart/form-data"), "{result}");
    let body = result["body"].as_str().unwrap();
    for part in ["name=\"chat_id\"\r\n\r\n7", "name=\"caption\"\r\n\r\nLook", "filename=\"a.png\"", "\r\n\r\nhello\r\n"]
    {
        assert!(body.contains(part), "{part} is not in {body}");
    }
}

#[tokio::test]
async fn only_what_was_never_connected_is_known_not_to_have_been_sent() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let telegram = Telegram::new(&format!("http://{nobody}"), Secret::from(TOKEN.to_owned()), http());
    let failure = say(&telegram).await.unwrap_err();
    assert!(matches!(failure, SendFailure::NotSent(_)), "{failure:?}");
    assert!(!format!("{failure:?} {failure}").contains("canary"), "the token is in an error");
    let (telegram, control) = echo().await;
    for cut in [Cut::Before, Cut::After] {
        control.add_fault(Fault::cut(cut));
        let failure = say(&telegram).await.unwrap_err();
        assert!(matches!(failure, SendFailure::Unknown(_)), "{failure:?}");
        assert!(!format!("{failure:?} {failure}").contains("canary"), "the token is in an error");
    }
    // It does not fit into an item of the table, and nobody may wait for ever for it to be written down.
    control.add_fault(Fault::status(200).body(json!({ "ok": true, "result": "x".repeat(256 * 1024) })));
    assert!(matches!(say(&telegram).await, Err(SendFailure::Unknown(_))));
    control.add_fault(Fault::status(502));
    assert!(matches!(say(&telegram).await, Err(SendFailure::NotSent(_))));
}

#[tokio::test]
async fn the_webhook_and_the_commands_are_registered() {
    let (telegram, control) = echo().await;
    telegram.set_webhook("https://a.example/telegram/webhook", &Secret::from("s".to_owned())).await.unwrap();
    let commands = [("help".to_owned(), "What I can do".to_owned())];
    telegram.set_my_commands(&commands, CommandScope::Chat(chat()), Some("ru")).await.unwrap();
    let bodies: Vec<Value> =
        control.requests().iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect();
    assert_eq!(bodies[0]["allowed_updates"], json!(["message", "callback_query", "my_chat_member"]));
    assert_eq!(
        (&bodies[0]["url"], &bodies[0]["secret_token"]),
        (&json!("https://a.example/telegram/webhook"), &json!("s"))
    );
    assert_eq!(bodies[1]["commands"], json!([{ "command": "help", "description": "What I can do" }]));
    assert_eq!(bodies[1]["scope"], json!({ "type": "chat", "chat_id": 7 }));
    assert_eq!(bodies[1]["language_code"], "ru");
}
