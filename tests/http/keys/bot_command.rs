//! `/bots` in the bot: what a client sees, the one-time link, and that no key is taken in a chat.

use reqwest::Method;
use serde_json::{Value, json};

use super::{StellarKey, bot, by, clients};
use crate::{
    attacks::table::Table,
    telegram::{answered, control, heard, say, say_in, stranger, texts, until},
    world::World,
};

/// Waits for what is told by itself: answers come in between otherwise.
async fn told(world: &World, chat: i64, words: &str) {
    until(words, async || texts(world, chat).await.iter().any(|text| text.contains(words)).then_some(())).await;
}

/// The buttons of the last message of the bot in a chat: their words, and where they lead.
async fn links(world: &World, chat: i64) -> Vec<(String, String)> {
    let last = heard(world, chat).await.pop().unwrap();
    let rows = last["buttons"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    let text = |button: &Value, name: &str| button[name].as_str().unwrap_or_default().to_owned();
    rows.map(|button| (text(button, "text"), text(button, "url"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_enters_a_key_by_the_link_and_sees_the_bot() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let chat = i64::try_from(client.telegram_id).unwrap();
    let said = answered(&world, client.telegram_id, "/bots").await;
    assert!(said.contains("No key yet.") && said.contains("No bots yet."), "{said}");
    let offered = links(&world, chat).await;
    let (_, url) = offered.iter().find(|(text, _)| text == "Set up: Market maker").unwrap();
    let code = url.split_once("/keys/form?code=").unwrap().1;
    let form = format!("code={code}&private_key={}&address={}", key.secret, key.address);
    let call = countersign_testkit::Call::new("POST", "/keys/form").body("application/x-www-form-urlencoded", form);
    let done = world.send(&call).await;
    assert_eq!(done.status, 200, "{}", done.text());
    told(&world, chat, "A trading key was entered").await;
    let said = answered(&world, client.telegram_id, "/bots").await;
    assert!(said.contains(&key.address) && said.contains("Market maker: runs"), "{said}");
    assert_eq!(links(&world, chat).await[0].0, "Replace the key");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_no_client_is_told_so_and_russian_is_spoken() {
    let world = World::start().await;
    let person = stranger(&world, 68_000_001, Some("ru")).await;
    assert!(answered(&world, person, "/bots").await.contains("Вы пока не клиент"));
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    bot(&world, &client, &key).await;
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    let chat = i64::try_from(client.telegram_id).unwrap();
    told(&world, chat, "A trading key was entered").await;
    told(&world, chat, "was revoked").await;
    answered(&world, client.telegram_id, "/language ru").await;
    let said = answered(&world, client.telegram_id, "/bots").await;
    assert!(said.contains("отозван") && said.contains("останавливается"), "{said}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_in_a_chat_is_deleted_and_kept_nowhere() {
    let world = World::start().await;
    let person = stranger(&world, 68_100_001, Some("en")).await;
    let key = StellarKey::fresh();
    let chat = i64::try_from(person).unwrap();
    for text in [format!("my key: {}", key.secret), format!("/bots {}", key.secret), format!("/weather {}", key.secret)]
    {
        let said = say(&world, person, &text).await;
        assert_eq!(said["webhook_status"], json!(200));
    }
    until("the message is gone", async || {
        let shown = control(&world, Method::GET, &format!("/chats/{chat}"), None).await;
        (!shown.to_string().contains(&key.secret)).then_some(())
    })
    .await;
    let told = texts(&world, chat).await;
    assert_eq!(told.iter().filter(|text| text.contains("Never send a key in a chat")).count(), 3, "{told:?}");
    let table = Table::of(&world).dump().await;
    assert!(table.values().all(|item| !item.contains(&key.secret)));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_an_anonymous_administrator_is_deleted_without_a_word() {
    let world = World::start().await;
    let person = stranger(&world, 68_200_001, Some("en")).await;
    let new = json!({ "chat_id": -1_001_234_500, "title": "Desk", "members": [person], "bot": "administrator" });
    let desk = control(&world, Method::POST, "/chats", Some(&new)).await["chat_id"].as_i64().unwrap();
    let sent = say_in(&world, desk, person, "in a moment you see it").await;
    let chat = async || control(&world, Method::GET, &format!("/chats/{desk}"), None).await;
    let message_id = &sent["message_id"];
    assert!(chat().await.to_string().contains("in a moment"), "the control");
    let shown = json!({ "id": desk, "type": "supergroup", "title": "Desk" });
    let update = json!({ "update": { "update_id": 930_000_001, "message": {
        "message_id": message_id, "date": 1, "text": StellarKey::fresh().secret, "chat": shown, "sender_chat": shown,
        "from": { "id": 1_087_968_824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot" },
    } } });
    let delivered = control(&world, Method::POST, "/deliver", Some(&update)).await;
    assert_eq!(delivered["webhook_statuses"], json!([200]), "{delivered}");
    until("the message is gone", async || {
        let messages = chat().await["messages"].as_array().unwrap().clone();
        messages.iter().all(|message| message["message_id"] != *message_id).then_some(())
    })
    .await;
    assert!(texts(&world, desk).await.is_empty(), "nobody is answered");
    world.stop().await;
}
