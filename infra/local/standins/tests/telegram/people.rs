//! People: they write, press buttons, block the bot; and what the bot is told of it.

use serde_json::{Value, json};

use crate::{
    bench::{ANNA, BORIS, Bench, GROUP},
    hook::Hook,
};

impl Bench {
    /// Asks Anna something with buttons, and gives the message's id.
    async fn ask(&self, chat: i64) -> i64 {
        let markup = json!({ "inline_keyboard": [
            [{ "text": "Yes", "callback_data": "y:1" }, { "text": "No", "callback_data": "n:1" }],
            [{ "text": "Read", "url": "https://example.org/" }],
        ] });
        let sent = self.ok("sendMessage", json!({ "chat_id": chat, "text": "?", "reply_markup": markup })).await;
        sent["message_id"].as_i64().unwrap()
    }

    async fn press(&self, person: i64, message: i64, button: &str) -> (u16, Value) {
        self.post(&format!("people/{person}/press"), json!({ "message_id": message, "button": button })).await
    }
}

#[tokio::test]
async fn a_message_reaches_the_chat_and_the_bot() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.standin.set_webhook(&hook.url, "the-secret").unwrap();
    let told = bench.say(ANNA, "/start abc_-123").await;
    assert_eq!(told["webhook_status"], 200);
    let seen = hook.seen();
    assert_eq!((seen.len(), seen[0].secret.as_deref()), (1, Some("the-secret")));
    let update = &seen[0].update;
    assert_eq!(update["update_id"], told["update_id"]);
    let message = &update["message"];
    assert_eq!(message["text"], "/start abc_-123");
    assert_eq!(message["entities"], json!([{ "type": "bot_command", "offset": 0, "length": 6 }]));
    assert_eq!(
        message["from"],
        json!({
            "id": ANNA, "is_bot": false, "first_name": "Anna", "username": "anna", "language_code": "ru",
        })
    );
    assert_eq!(message["chat"]["type"], "private");
    let shown = bench.seen(ANNA).await;
    assert_eq!((&shown[0]["from"], &shown[0]["text"]), (&json!(ANNA), &json!("/start abc_-123")));
    assert_eq!(shown[0]["message_id"], told["message_id"]);
}

#[tokio::test]
async fn somebody_new_becomes_known_by_writing() {
    let bench = Bench::start().await;
    assert_eq!(bench.seen(2001).await, Vec::<Value>::new());
    assert!(bench.say(2001, "hello").await["update_id"].is_i64());
    bench.ok("sendMessage", json!({ "chat_id": 2001, "text": "hello" })).await;
    assert_eq!(bench.seen(2001).await.len(), 2);
}

#[tokio::test]
async fn members_write_in_groups() {
    let bench = Bench::start().await;
    let say = async |person: i64, chat: i64| {
        bench.post(&format!("people/{person}/message"), json!({ "text": "x", "chat_id": chat })).await
    };
    assert_eq!(say(BORIS, GROUP).await.0, 200);
    let updates = bench.ok("getUpdates", json!({})).await;
    assert_eq!(updates[0]["message"]["chat"]["id"], GROUP);
    assert_eq!(updates[0]["message"]["from"]["id"], BORIS);
    assert_eq!(say(1003, GROUP).await, (400, json!({ "error": "this person is not in this group" })));
    assert_eq!(say(BORIS, -777).await.0, 404);
    assert_eq!(say(BORIS, ANNA).await.0, 404);
    let reply = json!({ "text": "yes", "chat_id": GROUP, "reply_to_message_id": 1 });
    assert_eq!(bench.post(&format!("people/{BORIS}/message"), reply).await.0, 400);
    let asked = bench.ask(GROUP).await;
    let reply = json!({ "text": "yes", "chat_id": GROUP, "reply_to_message_id": asked });
    assert_eq!(bench.post(&format!("people/{BORIS}/message"), reply).await.0, 200);
    let updates = bench.ok("getUpdates", json!({ "offset": -1 })).await;
    assert_eq!(updates[0]["message"]["reply_to_message"]["text"], "?");
}

#[tokio::test]
async fn a_press_reaches_the_bot_and_is_answered_once() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.standin.set_webhook(&hook.url, "").unwrap();
    let message = bench.ask(ANNA).await;
    let (status, told) = bench.press(ANNA, message, "No").await;
    assert_eq!((status, &told["webhook_status"]), (200, &json!(200)));
    let query = hook.seen()[0].update["callback_query"].clone();
    assert_eq!((&query["data"], &query["from"]["id"]), (&json!("n:1"), &json!(ANNA)));
    assert_eq!((&query["message"]["message_id"], &query["message"]["text"]), (&json!(message), &json!("?")));
    assert_eq!(query["id"], told["callback_query_id"]);
    assert!(query["chat_instance"].is_string());
    assert_eq!(hook.seen()[0].secret, None);
    let answer = json!({ "callback_query_id": query["id"], "text": "Done", "show_alert": true });
    let long = json!({ "callback_query_id": query["id"], "text": "x".repeat(201) });
    assert_eq!(bench.refused("answerCallbackQuery", long).await, "Bad Request: MESSAGE_TOO_LONG");
    assert_eq!(bench.ok("answerCallbackQuery", answer.clone()).await, true);
    let too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid";
    assert_eq!(bench.refused("answerCallbackQuery", answer).await, too_old);
    assert_eq!(bench.refused("answerCallbackQuery", json!({ "callback_query_id": "1" })).await, too_old);
    let press = bench.control("presses").await["presses"][0].clone();
    assert_eq!(press["answer"], json!({ "text": "Done", "show_alert": true, "url": null }));
}

#[tokio::test]
async fn a_press_is_too_old_after_a_while() {
    let bench = Bench::start().await;
    let message = bench.ask(ANNA).await;
    bench.post("presses", json!({ "answer_seconds": 0 })).await;
    let id = bench.press(ANNA, message, "Yes").await.1["callback_query_id"].clone();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let refused = bench.refused("answerCallbackQuery", json!({ "callback_query_id": id })).await;
    assert!(refused.contains("query is too old"), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_pressed() {
    let bench = Bench::start().await;
    let message = bench.ask(ANNA).await;
    let words = async |message: i64, button: &str| {
        let (status, words) = bench.press(ANNA, message, button).await;
        assert_eq!(status, 400);
        words["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(words(message, "Read").await, "the button opens a link: the bot is not told");
    assert_eq!(words(message, "Maybe").await, "the message has no such button");
    assert_eq!(words(message + 1, "Yes").await, "there is no such message");
    bench.ok("editMessageReplyMarkup", json!({ "chat_id": ANNA, "message_id": message })).await;
    assert_eq!(words(message, "Yes").await, "the message has no buttons");
    let group = bench.ask(GROUP).await;
    let pressed = json!({ "message_id": group, "button": "Yes", "chat_id": GROUP });
    assert_eq!(bench.post("people/1003/press", pressed.clone()).await.0, 400);
    assert_eq!(bench.post(&format!("people/{BORIS}/press"), pressed).await.0, 200);
    assert_eq!(bench.ok("getUpdates", json!({})).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn somebody_who_blocks_the_bot_is_gone_until_they_return() {
    let bench = Bench::start().await;
    let (status, shown) = bench.post("people", json!({ "telegram_id": ANNA, "blocked": true })).await;
    assert_eq!((status, &shown["first_name"], &shown["blocked"]), (201, &json!("Anna"), &json!(true)));
    let update = bench.ok("getUpdates", json!({})).await[0]["my_chat_member"].clone();
    assert_eq!(update["new_chat_member"]["status"], "kicked");
    let (status, words) = bench.post(&format!("people/{ANNA}/message"), json!({ "text": "x" })).await;
    assert_eq!((status, words["error"].as_str()), (400, Some("this person has blocked the bot: unblock it first")));
    bench.post("people", json!({ "telegram_id": ANNA, "blocked": false })).await;
    bench.say(ANNA, "back").await;
    bench.send("welcome").await;
    assert_eq!(bench.control("people").await["people"][0]["blocked"], false);
}

#[tokio::test]
async fn control_says_what_is_wrong_with_what_is_asked() {
    let bench = Bench::start().await;
    for (path, asked) in [
        ("people", json!({ "telegram_id": -1 })),
        ("people", json!({ "telegram_id": 424_242 })),
        ("people", json!({ "telegram_id": 1, "name": "x" })),
        ("people/1001/message", json!({ "text": " " })),
        ("people/1001/message", json!({ "text": "x".repeat(4_097) })),
        ("people/424242/message", json!({ "text": "x" })),
        ("chats", json!({ "chat_id": 5 })),
        ("chats", json!({ "members": [-5] })),
        ("floods", json!({ "retry_after": 0 })),
        ("retries", json!({ "tries": 0 })),
        ("deliver", json!({ "times": 0 })),
    ] {
        let (status, words) = bench.post(path, asked.clone()).await;
        assert_eq!(status, 400, "{path} {asked}");
        assert!(words["error"].is_string(), "{path} {asked}");
    }
    let group = bench.post("chats", json!({ "title": "New", "type": "supergroup" })).await;
    assert_eq!(group.0, 201);
    assert_eq!(group.1["chat_id"], -1_000_000_000_001_i64);
}
