//! What comes by itself: reminders before a consent ends, the word that it has ended, and one for a link that was cut off.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{chat, code, linked, person, status, token};
use crate::{
    telegram::{texts, until},
    world::{World, unix_seconds},
};

const DAY: i64 = 24 * 3600;

/// The consent ends so many seconds from now, and something is due now.
async fn ends_in(world: &World, seconds: i64) {
    let end = (i64::try_from(unix_seconds()).unwrap() + seconds) * 1000;
    world.change("SUBJECT#", "CONNECTION#", "ends_at", AttributeValue::N(end.to_string())).await;
    world.change("SUBJECT#", "CONNECTION#", "pending_at", AttributeValue::N("1".into())).await;
}

/// What was said since, once something was.
async fn said(world: &World, chat: i64, before: usize) -> Vec<String> {
    until("something is said", async || (texts(world, chat).await.len() > before).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    texts(world, chat).await.split_off(before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_reminded_30_7_and_1_days_before_and_told_at_the_end() {
    let world = World::start().await;
    let person = linked(&world).await;
    for (days, words) in [(30, "in 30\u{a0}days"), (7, "in 7\u{a0}days"), (1, "in 1\u{a0}day,")] {
        let before = texts(&world, chat(&person)).await.len();
        ends_in(&world, days * DAY - 1).await;
        let said = said(&world, chat(&person), before).await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(words) && said[0].contains("Spotify"), "{said:?}");
    }
    assert_eq!(status(&world, &person).await.as_deref(), Some("healthy"));
    let before = texts(&world, chat(&person)).await.len();
    ends_in(&world, -1).await;
    assert_eq!(status(&world, &person).await.as_deref(), Some("needs_consent"));
    let said = said(&world, chat(&person), before).await;
    assert!(said.len() == 1 && said[0].contains("has ended"), "{said:?}");
    assert_eq!(token(&world, &person).await.json()["connection_status"], "needs_consent");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_cut_off_is_told_to_begin_again() {
    let world = World::start().await;
    let person = person(&world).await;
    let code = code(&world, &person).await;
    // The code is taken and the function dies before anything else.
    let table = world.system.demo().table_name.clone();
    let key = AttributeValue::S(format!("SUBJECT#t:{}", person.telegram_id));
    let put = world.dynamodb().put_item().table_name(table).item("pk", key);
    put.item("sk", AttributeValue::S("REDEMPTION#00".into()))
        .item("item_kind", AttributeValue::S("redemption".into()))
        .item("item_version", AttributeValue::N("1".into()))
        .item("provider", AttributeValue::S("spotify".into()))
        .item("taken_at", AttributeValue::N("1".into()))
        .item("pending_pk", AttributeValue::S("REMINDERS".into()))
        .item("pending_at", AttributeValue::N("1".into()))
        .send()
        .await
        .unwrap();
    let before = texts(&world, chat(&person)).await.len();
    let said = said(&world, chat(&person), before).await;
    assert!(said.len() == 1 && said[0].contains("/login"), "{said:?}");
    assert!(!code.is_empty());
    world.stop().await;
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The connection of a person, changed so, in place of what it was or beside it.
async fn put(world: &World, telegram_id: u64, changes: &[(&str, AttributeValue)]) {
    let mut item = world.items(telegram_id, "CONNECTION#spotify").await.remove(0);
    item.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let table = world.system.demo().table_name.clone();
    world.dynamodb().put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_is_put_off_and_what_is_given_up_is_not_opened() {
    let world = World::start().await;
    let person = linked(&world).await;
    let now = i64::try_from(unix_seconds()).unwrap() * 1000;
    let text = |text: &str| AttributeValue::S(text.into());
    let junk = AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new(b"no tokens of ours".to_vec()));
    let revoked = |at: i64| {
        vec![
            ("standing", text("revoked")),
            ("revoked_at", number(at)),
            ("sealed", junk.clone()),
            ("pending_pk", text("REMINDERS")),
        ]
    };
    let mut fails = revoked(now);
    fails.push(("pending_at", number(1)));
    put(&world, person.telegram_id, &fails).await;
    let item = async || world.items(person.telegram_id, "CONNECTION#spotify").await.remove(0);
    let next = async || item().await.get("pending_at").and_then(|at| at.as_n().ok()?.parse::<i64>().ok());
    let put_off = until("it is put off", async || next().await.filter(|at| *at > 1)).await;
    assert!((now + 3_500_000..now + 3_700_000).contains(&put_off), "{put_off} {now}");
    let mut given_up = revoked(now - 2 * DAY * 1000);
    given_up.push(("pending_at", number(1)));
    put(&world, person.telegram_id, &given_up).await;
    until("what is given up is thrown away", async || (!item().await.contains_key("sealed")).then_some(())).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_gone_keeps_nobody_waiting() {
    let world = World::start().await;
    let person = linked(&world).await;
    let (before, now) = (texts(&world, chat(&person)).await.len(), i64::try_from(unix_seconds()).unwrap() * 1000);
    let text = |text: &str| AttributeValue::S(text.into());
    let gone = [
        ("sk", text("CONNECTION#nowhere")),
        ("provider", text("nowhere")),
        ("ends_at", number(now - 1)),
        ("pending_pk", text("REMINDERS")),
        ("pending_at", number(1)),
    ];
    put(&world, person.telegram_id, &gone).await;
    let said = said(&world, chat(&person), before).await;
    assert!(said.len() == 1 && said[0].contains("nowhere") && said[0].contains("has ended"), "{said:?}");
    let item = world.items(person.telegram_id, "CONNECTION#nowhere").await.remove(0);
    assert!(!item.contains_key("pending_at") && !item.contains_key("sealed"));
    world.stop().await;
}
