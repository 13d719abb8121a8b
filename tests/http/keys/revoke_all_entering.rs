//! What is entered and started in the very moment in which all keys are revoked.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use super::{StellarKey, bot, by, clients};
use crate::world::{World, unix_seconds};

/// All keys that were entered until so many seconds from now are revoked, and that is done.
async fn revoked_until(world: &World, seconds: i64) {
    let number = |number: i64| AttributeValue::N(number.to_string());
    let at = (i64::try_from(unix_seconds()).unwrap() + seconds) * 1000;
    let record = world.dynamodb().put_item().table_name(&world.system.demo().table_name);
    let record = record.item("pk", AttributeValue::S("KEYRING".into()));
    let record = record.item("sk", AttributeValue::S("REVOKEALL".into()));
    let record = record.item("item_kind", AttributeValue::S("revoke_all".into()));
    let numbers = [("item_version", 1), ("approval_id", 5), ("asked_by", 1), ("approved_by", 2), ("revoked_at", at)];
    let record = [("done_at", at)]
        .iter()
        .chain(&numbers)
        .fold(record, |record, (name, value)| record.item(*name, number(*value)));
    record.item("reason", AttributeValue::S("a leak".into())).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_entered_in_the_moment_of_the_approval_does_not_become_the_current_one() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    // To this request nothing is revoked while it reads: the client has no key yet. Its commit finds it.
    revoked_until(&world, 60).await;
    let refused = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&key.setup())).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let shown = by(&world, &client, "GET", "/clients/{client}", None).await.json();
    assert!(shown["key"].is_null(), "{shown}");
    revoked_until(&world, -60).await;
    let entered = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&key.setup())).await;
    assert_eq!(entered.status, 201, "the control: {}", entered.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_bot_starts_with_a_key_that_was_revoked_with_all_others() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    assert_eq!(by(&world, &client, "POST", &format!("/bots/{}/stop", bot.id), None).await.status, 200);
    assert_eq!(bot.heartbeat(&world).await.json()["stop"], json!(true));
    let start = format!("/bots/{}/start", bot.id);
    revoked_until(&world, 60).await;
    let refused = by(&world, &client, "POST", &start, None).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    revoked_until(&world, -60).await;
    assert_eq!(by(&world, &client, "POST", &start, None).await.status, 200, "the control");
    world.stop().await;
}
