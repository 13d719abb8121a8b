//! People: made at their first contact, known by what Telegram says of them, blocked and unblocked.

use reqwest::Method;
use serde_json::{Value, json};

use super::{answered, control, group, say, say_in, stranger, texts};
use crate::{
    table::{Item, attribute},
    world::World,
};

async fn stored(world: &World, telegram_id: u64) -> Option<Item> {
    world.items(telegram_id, "PERSON").await.pop()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_new_is_a_user_from_the_first_word() {
    let world = World::start().await;
    let person = stranger(&world, 63_000_001, None).await;
    assert!(stored(&world, person).await.is_none());
    let welcome = answered(&world, person, "/start").await;
    assert!(welcome.starts_with("Hello, Anna!"), "{welcome}");
    let record = stored(&world, person).await.unwrap();
    assert_eq!((attribute(&record, "role"), attribute(&record, "first_name")), ("user".into(), "Anna".into()));
    let renamed = json!({ "telegram_id": person, "first_name": "<b>Anya & co</b>" });
    control(&world, Method::POST, "/people", Some(&renamed)).await;
    let welcome = answered(&world, person, "/start").await;
    assert!(welcome.starts_with("Hello, <b>Anya & co</b>!"), "what people write is never markup: {welcome}");
    assert_eq!(attribute(&stored(&world, person).await.unwrap(), "first_name"), "<b>Anya & co</b>");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_blocks_the_bot_is_noted_until_they_let_it_write_again() {
    let world = World::start().await;
    let person = stranger(&world, 63_100_001, None).await;
    say(&world, person, "/start").await;
    let is_blocked = async || stored(&world, person).await.unwrap().contains_key("blocked_at");
    assert!(!is_blocked().await);
    for blocked in [true, false] {
        let change = json!({ "telegram_id": person, "blocked": blocked });
        control(&world, Method::POST, "/people", Some(&change)).await;
        super::until("the bot noted it", async || (is_blocked().await == blocked).then_some(())).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_groups_only_what_is_meant_for_the_bot_is_answered() {
    let world = World::start().await;
    let person = stranger(&world, 63_200_001, None).await;
    let chat = group(&world, -1_000_000_063, &[person]).await;
    let username = world.system.demo().bot.username.clone();
    for (text, words) in [
        ("hello everybody", None),
        ("/weather", None),
        ("/help@another_bot", None),
        ("/help", Some("what I can do")),
        (&format!("/help@{username}"), Some("what I can do")),
        (&format!("/weather@{}", username.to_uppercase()), Some("do not know the command /weather")),
        ("/sessions", Some("in our own chat")),
        ("/sign", Some("in our own chat")),
        ("/login spotify", Some("in our own chat")),
        ("/bind", Some("in our own chat")),
    ] {
        let before = texts(&world, chat).await.len();
        let said = say_in(&world, chat, person, text).await;
        assert_eq!(said["webhook_status"], 200, "{said}");
        let after = texts(&world, chat).await;
        match (words, &after[before..]) {
            (None, []) => {}
            (Some(words), [answer]) => assert!(answer.contains(words), "{text}: {answer}"),
            (_, other) => panic!("{text}: {other:?}"),
        }
    }
    assert!(texts(&world, i64::try_from(person).unwrap()).await.is_empty(), "replies stay in the group");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_button_that_nobody_knows_is_said_to_be_dead() {
    let world = World::start().await;
    let person = stranger(&world, 63_300_001, None).await;
    let press = json!({ "update": { "update_id": 930_000_001, "callback_query": {
        "id": "77", "chat_instance": "1", "data": "x.y.z", "from": { "id": person, "is_bot": false, "first_name": "Anna" },
        "message": { "message_id": 5, "date": 1, "text": "Old", "chat": { "id": person, "type": "private" } },
    } } });
    let secret = world.system.demo().bot.webhook_secret.clone();
    let headers = [("x-telegram-bot-api-secret-token", secret)];
    let (status, _, answer) = world.ask(Method::POST, "/telegram/webhook", &headers, Some(&press["update"])).await;
    assert_eq!((status.as_u16(), &answer["method"]), (200, &json!("answerCallbackQuery")));
    assert_eq!((&answer["callback_query_id"], &answer["show_alert"]), (&json!("77"), &json!(true)), "{answer}");
    let (status, _, again) = world.ask(Method::POST, "/telegram/webhook", &headers, Some(&press["update"])).await;
    assert_eq!((status.as_u16(), again), (200, Value::Null));
    world.stop().await;
}
