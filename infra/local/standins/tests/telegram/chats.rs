//! What is known of chats and their members, and what an administrator changes.

use serde_json::{Value, json};

use crate::bench::{ANNA, BORIS, BOT_ID, Bench, GROUP};

#[tokio::test]
async fn a_chat_is_described() {
    let bench = Bench::start().await;
    let private = bench.ok("getChat", json!({ "chat_id": ANNA })).await;
    assert_eq!((&private["type"], &private["first_name"]), (&json!("private"), &json!("Anna")));
    bench.ok("setChatDescription", json!({ "chat_id": GROUP, "description": "Money" })).await;
    let group = bench.ok("getChat", json!({ "chat_id": GROUP })).await;
    assert_eq!((&group["title"], &group["description"]), (&json!("Family"), &json!("Money")));
    assert_eq!(bench.refused("getChat", json!({ "chat_id": 777 })).await, "Bad Request: chat not found");
    bench.post("chats", json!({ "chat_id": -700, "username": "public_group", "title": "Public" })).await;
    assert_eq!(bench.ok("getChat", json!({ "chat_id": "@Public_Group" })).await["id"], -700);
}

#[tokio::test]
async fn members_are_known() {
    let bench = Bench::start().await;
    let status = async |chat: i64, user: i64| {
        bench.ok("getChatMember", json!({ "chat_id": chat, "user_id": user })).await["status"].clone()
    };
    assert_eq!(status(GROUP, ANNA).await, "creator");
    assert_eq!(status(GROUP, BORIS).await, "member");
    assert_eq!(status(GROUP, BOT_ID).await, "administrator");
    assert_eq!(status(ANNA, ANNA).await, "member");
    bench.post("people", json!({ "telegram_id": 1003 })).await;
    assert_eq!(status(GROUP, 1003).await, "left");
    bench.post("chats", json!({ "chat_id": GROUP, "admins": [BORIS], "left": [ANNA] })).await;
    assert_eq!((status(GROUP, BORIS).await, status(GROUP, ANNA).await), (json!("administrator"), json!("left")));
    let refused =
        async |user: Value| bench.refused("getChatMember", json!({ "chat_id": GROUP, "user_id": user })).await;
    assert_eq!(refused(json!(777)).await, "Bad Request: user not found");
    assert_eq!(refused(json!("x")).await, "Bad Request: invalid user_id specified");
    let other = bench.refused("getChatMember", json!({ "chat_id": ANNA, "user_id": BORIS })).await;
    assert_eq!(other, "Bad Request: PARTICIPANT_ID_INVALID");
}

#[tokio::test]
async fn titles_and_descriptions_have_lengths() {
    let bench = Bench::start().await;
    let title =
        async |chat: i64, title: &str| bench.call("setChatTitle", json!({ "chat_id": chat, "title": title })).await;
    assert_eq!(title(GROUP, &"я".repeat(128)).await["result"], true);
    assert_eq!(bench.control(&format!("chats/{GROUP}")).await["title"], "я".repeat(128));
    assert_eq!(title(GROUP, &"я".repeat(129)).await["description"], "Bad Request: title is too long");
    assert_eq!(title(GROUP, " ").await["description"], "Bad Request: title must be non-empty");
    assert_eq!(title(ANNA, "x").await["description"], "Bad Request: can't change private chat title");
    let describe =
        async |text: &str| bench.call("setChatDescription", json!({ "chat_id": GROUP, "description": text })).await;
    assert_eq!(describe(&"x".repeat(255)).await["result"], true);
    assert_eq!(describe(&"x".repeat(255)).await["description"], "Bad Request: chat description is not modified");
    assert_eq!(describe(&"x".repeat(256)).await["description"], "Bad Request: CHAT_ABOUT_TOO_LONG");
    assert_eq!(describe("").await["result"], true);
}

#[tokio::test]
async fn only_an_administrator_changes_a_group() {
    let bench = Bench::start().await;
    bench.post("chats", json!({ "chat_id": GROUP, "bot": "member" })).await;
    let refused = async |method: &str| {
        let params = json!({ "chat_id": GROUP, "title": "x", "description": "x", "message_id": 1 });
        bench.refused(method, params).await
    };
    assert_eq!(refused("setChatTitle").await, "Bad Request: not enough rights to change chat title");
    assert_eq!(refused("setChatDescription").await, "Bad Request: not enough rights to set chat description");
    let pin = "Bad Request: not enough rights to manage pinned messages in the chat";
    assert_eq!((refused("pinChatMessage").await.as_str(), refused("unpinChatMessage").await.as_str()), (pin, pin));
}

#[tokio::test]
async fn messages_are_pinned() {
    let bench = Bench::start().await;
    for chat in [ANNA, GROUP] {
        let sent = bench.ok("sendMessage", json!({ "chat_id": chat, "text": "important" })).await;
        let params = json!({ "chat_id": chat, "message_id": sent["message_id"] });
        assert_eq!(bench.ok("pinChatMessage", params.clone()).await, true);
        assert_eq!(bench.ok("getChat", json!({ "chat_id": chat })).await["pinned_message"]["text"], "important");
        assert_eq!(bench.ok("unpinChatMessage", params).await, true);
        assert_eq!(bench.ok("getChat", json!({ "chat_id": chat })).await.get("pinned_message"), None);
        let lost = bench.refused("pinChatMessage", json!({ "chat_id": chat, "message_id": 1 })).await;
        assert_eq!(lost, "Bad Request: message to pin not found");
    }
}

#[tokio::test]
async fn menus_are_kept_by_scope_and_language() {
    let bench = Bench::start().await;
    let menu = |name: &str| json!([{ "command": name, "description": "x" }]);
    let set = async |params: Value| bench.call("setMyCommands", params).await;
    assert_eq!(set(json!({ "commands": menu("start") })).await["result"], true);
    let anna = json!({ "type": "chat", "chat_id": ANNA });
    set(json!({ "commands": menu("pay"), "scope": anna, "language_code": "ru" })).await;
    assert_eq!(bench.ok("getMyCommands", json!({})).await, menu("start"));
    let russian = json!({ "scope": anna, "language_code": "ru" });
    assert_eq!(bench.ok("getMyCommands", russian.clone()).await, menu("pay"));
    assert_eq!(bench.ok("getMyCommands", json!({ "scope": anna })).await, json!([]));
    assert_eq!(bench.control(&format!("people/{ANNA}/commands")).await["commands"], menu("pay"));
    assert_eq!(bench.control(&format!("people/{BORIS}/commands")).await["commands"], menu("start"));
    let all = bench.control("commands").await["commands"].clone();
    assert_eq!(all[0], json!({ "scope": { "type": "default" }, "language_code": "", "commands": menu("start") }));
    assert_eq!(all[1]["scope"], anna);
    bench.ok("deleteMyCommands", russian).await;
    assert_eq!(bench.control(&format!("people/{ANNA}/commands")).await["commands"], menu("start"));
    let refused = async |params: Value| set(params).await["description"].as_str().unwrap().to_owned();
    assert_eq!(refused(json!({ "commands": menu("Start") })).await, "Bad Request: BOT_COMMAND_INVALID");
    let lost = refused(json!({ "commands": menu("a"), "scope": { "type": "chat", "chat_id": 777 } })).await;
    assert_eq!(lost, "Bad Request: chat not found");
    let language = refused(json!({ "commands": menu("a"), "language_code": "rus" })).await;
    assert_eq!(language, "Bad Request: invalid language code specified");
}
