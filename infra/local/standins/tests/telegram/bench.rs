//! A stand-in to test, and short ways to speak to it.

use countersign_local_standins::telegram::{Bot, NewChat, NewPerson, Standing, TelegramStandin};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const TOKEN: &str = "424242:test-secret_of-the-bot";
pub(crate) const BOT_ID: i64 = 424_242;
/// A person whose chat with the bot is open.
pub(crate) const ANNA: i64 = 1001;
/// A group with Anna and Boris (1002); the bot is an administrator.
pub(crate) const GROUP: i64 = -500;
pub(crate) const BORIS: i64 = 1002;

pub(crate) struct Bench {
    pub(crate) standin: TelegramStandin,
    pub(crate) http: Client,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bot = Bot { token: TOKEN.to_owned(), username: "some_bot".to_owned() };
        let standin = TelegramStandin::start(listener, bot).unwrap();
        let anna = NewPerson {
            telegram_id: ANNA,
            first_name: Some("Anna".to_owned()),
            username: Some("anna".to_owned()),
            language_code: Some("ru".to_owned()),
            ..NewPerson::default()
        };
        standin.add_person(anna).unwrap();
        let group = NewChat {
            chat_id: Some(GROUP),
            title: Some("Family".to_owned()),
            owner: Some(ANNA),
            members: vec![BORIS],
            bot: Some(Standing::Administrator),
            ..NewChat::default()
        };
        assert_eq!(standin.add_chat(group), Ok(GROUP));
        Self { standin, http: Client::builder().no_proxy().build().unwrap() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.standin.url())
    }

    pub(crate) fn method_url(&self, method: &str) -> String {
        self.url(&format!("/bot{TOKEN}/{method}"))
    }

    pub(crate) async fn call(&self, method: &str, params: Value) -> Value {
        body(self.http.post(self.method_url(method)).json(&params).send().await.unwrap()).await
    }

    /// The result of a call that succeeds.
    pub(crate) async fn ok(&self, method: &str, params: Value) -> Value {
        let answer = self.call(method, params).await;
        assert_eq!(answer["ok"], true, "{answer}");
        answer["result"].clone()
    }

    /// The description of a call that is refused.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> String {
        let answer = self.call(method, params).await;
        assert_eq!(answer["ok"], false, "{answer}");
        answer["description"].as_str().unwrap().to_owned()
    }

    /// Sends a text to Anna and gives the message's id.
    pub(crate) async fn send(&self, text: &str) -> i64 {
        self.ok("sendMessage", json!({ "chat_id": ANNA, "text": text })).await["message_id"].as_i64().unwrap()
    }

    pub(crate) async fn control(&self, path: &str) -> Value {
        let answer = self.http.get(self.url(&format!("/_control/{path}"))).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// Posts to a control route and gives the status and the body, null where there is none.
    pub(crate) async fn post(&self, path: &str, asked: Value) -> (u16, Value) {
        let request = self.http.post(self.url(&format!("/_control/{path}"))).body(asked.to_string());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    /// What people see in a chat.
    pub(crate) async fn seen(&self, chat: i64) -> Vec<Value> {
        self.control(&format!("chats/{chat}")).await["messages"].as_array().unwrap().clone()
    }

    pub(crate) async fn say(&self, person: i64, text: &str) -> Value {
        let (status, told) = self.post(&format!("people/{person}/message"), json!({ "text": text })).await;
        assert_eq!(status, 200, "{told}");
        told
    }
}

/// The body of an answer, whose code must be its HTTP status.
pub(crate) async fn body(answer: Response) -> Value {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(status, body["error_code"].as_u64().map_or(200, |code| u16::try_from(code).unwrap()), "{body}");
    body
}
