//! sendMessage: what is kept, what is refused, and in which words.

use serde_json::{Value, json};

use crate::bench::{ANNA, BOT_ID, Bench, GROUP};

#[tokio::test]
async fn a_message_is_as_telegram_gives_it() {
    let bench = Bench::start().await;
    let first = bench.send("hello").await;
    let markup = json!({ "inline_keyboard": [[{ "text": "Open", "url": "https://example.org" }]] });
    let sent = bench
        .ok(
            "sendMessage",
            json!({
                "chat_id": ANNA, "text": "<b>Pay</b> /balance", "parse_mode": "HTML", "reply_markup": markup,
                "reply_parameters": { "message_id": first },
            }),
        )
        .await;
    assert_eq!(sent["message_id"], first + 1);
    assert!(sent["date"].as_u64().unwrap() > 1_700_000_000);
    let chat = json!({ "id": ANNA, "type": "private", "first_name": "Anna", "username": "anna" });
    assert_eq!(sent["chat"], chat);
    assert_eq!((&sent["from"]["id"], &sent["from"]["is_bot"]), (&json!(BOT_ID), &json!(true)));
    assert_eq!(sent["text"], "Pay /balance");
    assert_eq!(
        sent["entities"],
        json!([
            { "type": "bold", "offset": 0, "length": 3 }, { "type": "bot_command", "offset": 4, "length": 8 },
        ])
    );
    let buttons = &sent["reply_markup"]["inline_keyboard"];
    assert_eq!(*buttons, json!([[{ "text": "Open", "url": "https://example.org/" }]]));
    assert_eq!(sent["reply_to_message"]["text"], "hello");
    assert_eq!(sent.get("edit_date"), None);
    let seen = bench.seen(ANNA).await;
    assert_eq!(
        seen[1],
        json!({
            "message_id": first + 1, "from": "bot", "text": "Pay /balance", "edited": false,
            "buttons": [[{ "text": "Open", "url": "https://example.org/" }]],
        })
    );
}

#[tokio::test]
async fn message_ids_rise_in_each_chat() {
    let bench = Bench::start().await;
    let first = bench.send("a").await;
    let group = bench.ok("sendMessage", json!({ "chat_id": GROUP, "text": "b" })).await;
    assert_eq!(group["chat"], json!({ "id": GROUP, "type": "group", "title": "Family" }));
    assert_eq!(bench.send("c").await, first + 1);
    let again = bench.ok("sendMessage", json!({ "chat_id": GROUP, "text": "b" })).await;
    assert_eq!(again["message_id"].as_i64().unwrap(), group["message_id"].as_i64().unwrap() + 1);
}

#[tokio::test]
async fn texts_have_a_length() {
    let bench = Bench::start().await;
    let refused = async |text: &str| bench.refused("sendMessage", json!({ "chat_id": ANNA, "text": text })).await;
    assert_eq!(refused("").await, "Bad Request: message text is empty");
    assert_eq!(bench.refused("sendMessage", json!({ "chat_id": ANNA })).await, "Bad Request: message text is empty");
    assert_eq!(refused(" \n ").await, "Bad Request: text must be non-empty");
    assert_eq!(refused(&"x".repeat(4_097)).await, "Bad Request: message is too long");
    assert_eq!(refused(&"😀".repeat(2_049)).await, "Bad Request: message is too long");
    bench.send(&"x".repeat(4_096)).await;
    bench.send(&"😀".repeat(2_048)).await;
    let marked = format!("<b>{}</b>", "&lt;".repeat(4_096));
    bench.ok("sendMessage", json!({ "chat_id": ANNA, "text": marked, "parse_mode": "HTML" })).await;
}

#[tokio::test]
async fn marked_up_texts_are_read_strictly() {
    let bench = Bench::start().await;
    let send = async |text: &str, mode: &str| {
        bench.call("sendMessage", json!({ "chat_id": ANNA, "text": text, "parse_mode": mode })).await
    };
    for (text, mode, words) in [
        ("<b>x", "HTML", "Can't find end tag corresponding to start tag \"b\""),
        ("1 < 2", "html", "Unsupported start tag \"\" at byte offset 2"),
        ("a.b", "MarkdownV2", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*a", "markdownv2", "Can't find end of Bold entity at byte offset 0"),
    ] {
        let refused = send(text, mode).await;
        assert_eq!(refused["error_code"], 400);
        assert_eq!(refused["description"], format!("Bad Request: can't parse entities: {words}"));
    }
    assert_eq!(send("x", "bbcode").await["description"], "Bad Request: unsupported parse_mode");
    assert_eq!(send("*a\\.b*", "MarkdownV2").await["result"]["text"], "a.b");
    assert_eq!(send("<b>x", "").await["result"]["text"], "<b>x");
    assert_eq!(bench.seen(ANNA).await.len(), 2);
}

#[tokio::test]
async fn entities_may_be_given() {
    let bench = Bench::start().await;
    let send = async |entities: Value| {
        bench.call("sendMessage", json!({ "chat_id": ANNA, "text": "😀 abc", "entities": entities })).await
    };
    let entities = json!([
        { "type": "bold", "offset": 3, "length": 3 },
        { "type": "text_link", "offset": 0, "length": 2, "url": "a.b" },
        { "type": "text_mention", "offset": 3, "length": 1, "user": { "id": ANNA, "is_bot": false, "first_name": "x" } },
    ]);
    let kept = send(entities).await["result"]["entities"].clone();
    assert_eq!(kept[0], json!({ "type": "text_link", "offset": 0, "length": 2, "url": "http://a.b/" }));
    assert_eq!(kept[1], json!({ "type": "bold", "offset": 3, "length": 3 }));
    assert_eq!((&kept[2]["type"], &kept[2]["user"]["first_name"]), (&json!("text_mention"), &json!("Anna")));
    let long = send(json!([{ "type": "bold", "offset": 3, "length": 4 }])).await;
    let words = "Bad Request: entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 6";
    assert_eq!(long["description"], words);
    assert_eq!(send(json!([{ "type": "loud", "offset": 0, "length": 1 }])).await["error_code"], 400);
}

#[tokio::test]
async fn chats_that_cannot_be_written_to() {
    let bench = Bench::start().await;
    let refused = async |chat: Value| bench.refused("sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
    assert_eq!(refused(json!("")).await, "Bad Request: chat_id is empty");
    assert_eq!(refused(json!(777)).await, "Bad Request: chat not found");
    assert_eq!(refused(json!("nobody")).await, "Bad Request: chat not found");
    assert_eq!(refused(json!(-777)).await, "Bad Request: chat not found");
    bench.post("people", json!({ "telegram_id": 1003, "started": false })).await;
    assert_eq!(refused(json!(1003)).await, "Forbidden: bot can't initiate conversation with a user");
    bench.say(1003, "/start").await;
    bench.ok("sendMessage", json!({ "chat_id": 1003, "text": "welcome" })).await;
    bench.post("people", json!({ "telegram_id": ANNA, "blocked": true })).await;
    let answer = bench.call("sendMessage", json!({ "chat_id": ANNA, "text": "x" })).await;
    assert_eq!((&answer["error_code"], answer.get("parameters")), (&json!(403), None));
    assert_eq!(answer["description"], "Forbidden: bot was blocked by the user");
    bench.post("people", json!({ "telegram_id": ANNA, "blocked": false, "deactivated": true })).await;
    assert_eq!(refused(json!(ANNA)).await, "Forbidden: user is deactivated");
}

#[tokio::test]
async fn groups_that_cannot_be_written_to() {
    let bench = Bench::start().await;
    let refused = async |chat: i64| bench.call("sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
    for (change, code, words) in [
        (json!({ "bot": "kicked" }), 403, "Forbidden: bot was kicked from the group chat"),
        (json!({ "bot": "left" }), 403, "Forbidden: bot is not a member of the group chat"),
        (json!({ "type": "supergroup", "bot": "kicked" }), 403, "Forbidden: bot was kicked from the supergroup chat"),
        (json!({ "deleted": true }), 403, "Forbidden: the group chat was deleted"),
    ] {
        let mut change = change;
        change["chat_id"] = json!(GROUP);
        assert_eq!(bench.post("chats", change).await.0, 201);
        let answer = refused(GROUP).await;
        assert_eq!((answer["error_code"].as_u64(), answer["description"].as_str()), (Some(code), Some(words)));
    }
    bench.post("chats", json!({ "chat_id": -600, "migrated_to": -1_000_000_000_600_i64 })).await;
    let answer = refused(-600).await;
    assert_eq!(answer["description"], "Bad Request: group chat was upgraded to a supergroup chat");
    assert_eq!(answer["parameters"]["migrate_to_chat_id"], -1_000_000_000_600_i64);
}

#[tokio::test]
async fn bad_buttons_keep_a_message_from_being_sent() {
    let bench = Bench::start().await;
    let refused = async |button: Value| {
        let markup = json!({ "inline_keyboard": [[button]] });
        bench.refused("sendMessage", json!({ "chat_id": ANNA, "text": "x", "reply_markup": markup })).await
    };
    let data = json!({ "text": "a", "callback_data": "x".repeat(65) });
    assert_eq!(refused(data).await, "Bad Request: BUTTON_DATA_INVALID");
    let url = refused(json!({ "text": "a", "url": "http://localhost:3000/" })).await;
    assert_eq!(url, "Bad Request: inline keyboard button URL 'http://localhost:3000/' is invalid: Wrong HTTP URL");
    assert_eq!(bench.seen(ANNA).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_reply_needs_its_message() {
    let bench = Bench::start().await;
    let send = async |params: Value| bench.call("sendMessage", params).await;
    let lost = send(json!({ "chat_id": ANNA, "text": "x", "reply_to_message_id": 1 })).await;
    assert_eq!(lost["description"], "Bad Request: message to be replied not found");
    let reply = json!({ "message_id": 1, "allow_sending_without_reply": true });
    assert_eq!(send(json!({ "chat_id": ANNA, "text": "x", "reply_parameters": reply })).await["ok"], true);
}

#[tokio::test]
async fn what_the_bot_is_doing_is_one_of_a_list() {
    let bench = Bench::start().await;
    assert_eq!(bench.ok("sendChatAction", json!({ "chat_id": ANNA, "action": "typing" })).await, true);
    let refused = bench.refused("sendChatAction", json!({ "chat_id": ANNA, "action": "dancing" })).await;
    assert_eq!(refused, "Bad Request: wrong parameter action in request");
}
