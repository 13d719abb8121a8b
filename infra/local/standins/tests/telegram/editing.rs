//! Messages that are changed and deleted.

use serde_json::{Value, json};

use crate::bench::{ANNA, BORIS, Bench, GROUP};

fn keyboard(data: &str) -> Value {
    json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": data }]] })
}

#[tokio::test]
async fn a_message_is_edited() {
    let bench = Bench::start().await;
    let id = bench.send("before").await;
    let params = json!({ "chat_id": ANNA, "message_id": id, "text": "after", "reply_markup": keyboard("y") });
    let edited = bench.ok("editMessageText", params.clone()).await;
    assert_eq!((&edited["message_id"], &edited["text"]), (&json!(id), &json!("after")));
    assert!(edited["edit_date"].as_u64() >= edited["date"].as_u64());
    let seen = bench.seen(ANNA).await;
    assert_eq!((&seen[0]["text"], &seen[0]["edited"]), (&json!("after"), &json!(true)));
    let words = "Bad Request: message is not modified: specified new message content and reply markup are exactly \
                 the same as a current content and reply markup of the message";
    assert_eq!(bench.refused("editMessageText", params).await, words);
    let bare = json!({ "chat_id": ANNA, "message_id": id, "text": "after" });
    assert_eq!(bench.ok("editMessageText", bare).await.get("reply_markup"), None);
}

#[tokio::test]
async fn buttons_are_edited_alone() {
    let bench = Bench::start().await;
    let id = bench.send("choose").await;
    let params = json!({ "chat_id": ANNA, "message_id": id, "reply_markup": keyboard("y") });
    let edited = bench.ok("editMessageReplyMarkup", params.clone()).await;
    assert_eq!(edited["reply_markup"], keyboard("y"));
    assert!(bench.refused("editMessageReplyMarkup", params).await.starts_with("Bad Request: message is not modified"));
    bench.ok("editMessageReplyMarkup", json!({ "chat_id": ANNA, "message_id": id })).await;
    assert_eq!(bench.seen(ANNA).await[0]["buttons"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_edited() {
    let bench = Bench::start().await;
    let refused = async |id: i64, text: &str| {
        bench.refused("editMessageText", json!({ "chat_id": ANNA, "message_id": id, "text": text })).await
    };
    assert_eq!(refused(1, "x").await, "Bad Request: message to edit not found");
    let id = bench.say(ANNA, "mine").await["message_id"].as_i64().unwrap();
    assert_eq!(refused(id, "x").await, "Bad Request: message can't be edited");
    let id = bench.send("x").await;
    assert_eq!(refused(id, "").await, "Bad Request: message text is empty");
    assert_eq!(refused(id, &"x".repeat(4_097)).await, "Bad Request: MESSAGE_TOO_LONG");
    let nameless = bench.refused("editMessageText", json!({ "chat_id": ANNA, "text": "y" })).await;
    assert_eq!(nameless, "Bad Request: message identifier is not specified");
    bench.post("people", json!({ "telegram_id": ANNA, "blocked": true })).await;
    assert_eq!(refused(id, "y").await, "Forbidden: bot was blocked by the user");
}

#[tokio::test]
async fn a_message_is_deleted_once() {
    let bench = Bench::start().await;
    let id = bench.send("x").await;
    let params = json!({ "chat_id": ANNA, "message_id": id });
    assert_eq!(bench.ok("deleteMessage", params.clone()).await, true);
    assert_eq!(bench.refused("deleteMessage", params).await, "Bad Request: message to delete not found");
    assert_eq!(bench.seen(ANNA).await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_messages_of_others_are_an_administrators_to_delete() {
    let bench = Bench::start().await;
    bench.post("chats", json!({ "chat_id": GROUP, "bot": "member" })).await;
    let said = bench.post(&format!("people/{BORIS}/message"), json!({ "text": "x", "chat_id": GROUP })).await.1;
    let params = json!({ "chat_id": GROUP, "message_id": said["message_id"] });
    assert_eq!(bench.refused("deleteMessage", params.clone()).await, "Bad Request: message can't be deleted");
    bench.post("chats", json!({ "chat_id": GROUP, "bot": "administrator" })).await;
    assert_eq!(bench.ok("deleteMessage", params).await, true);
}
