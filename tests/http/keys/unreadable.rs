//! One record that cannot be read holds nothing else up: neither a revocation, nor that of all keys, nor the monitor.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::Refusal;
use countersign_keys::monitor::{Monitor, run_at};
use countersign_local::{Options, demo::DemoClient};
use countersign_local_control::{Cut, Fault};
use serde_json::json;

use super::{
    StellarKey, bot, by, clients,
    monitor::{later, told, until_told},
    payment,
    revoke_all::{another_admin, answered, asked, chat, key_status, many},
};
use crate::{
    table::{Item, attribute},
    world::World,
};

async fn without_schedules() -> World {
    World::of(Options { without_schedules: true, ..Options::default() }).await
}

async fn look(world: &World, seconds: i64) -> Result<(), Refusal> {
    let monitor = Monitor::build(world.system.environment(), &world.system.sdk_config()).unwrap();
    run_at(&monitor, later(seconds)).await.map(|_| ())
}

/// A record becomes one of a version that nobody here can read, or of ours again.
async fn version(world: &World, pk: &str, sk: &str, version: u32) {
    world.change(pk, sk, "item_version", AttributeValue::N(version.to_string())).await;
}

fn of(client: &DemoClient) -> String {
    format!("CLIENT#{}", client.id)
}

async fn put(world: &World, attributes: &[(&str, AttributeValue)]) {
    let item: HashMap<_, _> = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let table = &world.system.demo().table_name;
    world.dynamodb().put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
}

fn key(pk: &str, sk: &str) -> [(&'static str, AttributeValue); 2] {
    [("pk", AttributeValue::S(pk.into())), ("sk", AttributeValue::S(sk.into()))]
}

async fn item(world: &World, pk: &str, sk: &str) -> Option<Item> {
    let get = world.dynamodb().get_item().table_name(&world.system.demo().table_name);
    let get = get.set_key(Some(key(pk, sk).map(|(name, value)| (name.to_owned(), value)).into()));
    get.consistent_read(true).send().await.unwrap().item
}

async fn delete(world: &World, pk: &str, sk: &str) {
    let delete = world.dynamodb().delete_item().table_name(&world.system.demo().table_name);
    delete.set_key(Some(key(pk, sk).map(|(name, value)| (name.to_owned(), value)).into())).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_hangs_on_the_keys_own_record_alone() {
    let world = without_schedules().await;
    let ([client, _], secret) = (clients(&world), StellarKey::fresh());
    let bots = [bot(&world, &client, &secret).await, bot(&world, &client, &secret).await];
    let boris = another_admin(&world, "Boris").await;
    version(&world, &of(&client), &format!("BOT#{:016}", bots[0].id), 2).await;
    version(&world, &format!("SUBJECT#t:{}", boris.telegram_id), "", 2).await;
    delete(&world, &of(&client), "KEYVERSION#00000001").await;
    put(&world, &key("KEYRING", "REVOKEALL")).await;
    let revoked = by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await;
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    let stops = bots.each_ref().map(|bot| json!({ "id": bot.id, "stop": "requested" }));
    assert_eq!(revoked.json(), json!({ "revoked": true, "bots": stops }));
    delete(&world, "KEYRING", "REVOKEALL").await;
    assert_eq!(bots[1].sign(&world, &payment(&secret.address)).await.status, 409);
    let unread = bots[0].sign(&world, &payment(&secret.address)).await;
    assert!(unread.status >= 400, "{}", unread.text());
    version(&world, &of(&client), &format!("BOT#{:016}", bots[0].id), 1).await;
    assert_eq!(bots[0].sign(&world, &payment(&secret.address)).await.status, 409);
    for person in [client.telegram_id, world.admin().telegram_id] {
        until_told(&world, person, "was revoked").await;
    }
    let versions = by(&world, &client, "GET", "/clients/{client}/key-versions", None).await;
    assert_eq!(versions.json()["versions"][0]["status"], json!("revoked"), "{}", versions.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_bot_can_be_read_the_key_is_revoked_all_the_same() {
    let world = without_schedules().await;
    let ([client, _], secret) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &secret).await;
    world.system.aws().control().add_fault(Fault::cut(Cut::Before).matching("Query").times(1000));
    let revoked = by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await;
    world.system.aws().control().clear_faults();
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    assert_eq!(revoked.json(), json!({ "revoked": true, "bots": [], "bots_unread": true }));
    assert_eq!(bot.sign(&world, &payment(&secret.address)).await.status, 409);
    let again = by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await;
    assert_eq!(again.json(), json!({ "revoked": true, "bots": [{ "id": bot.id, "stop": "requested" }] }));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_cannot_be_read_holds_up_no_other_when_all_keys_are_revoked() {
    let world = without_schedules().await;
    let boris = another_admin(&world, "Boris").await;
    let bots = many(&world, 4).await;
    asked(&world).await;
    answered(&world, &boris, "Approve").await;
    // A key, a client and a line of the directory; how KMS was seen last; and an admin.
    version(&world, &of(&bots[0].0), "KEY", 2).await;
    version(&world, &of(&bots[1].0), "CLIENT", 2).await;
    version(&world, "CLIENTS", &format!("CLIENT#{:016}", bots[2].0.id), 2).await;
    put(&world, &key("KEYRING", "KMS")).await;
    version(&world, &format!("SUBJECT#t:{}", boris.telegram_id), "", 2).await;
    for _ in 0..2 {
        assert!(look(&world, 0).await.is_err(), "the alarm sees it");
    }
    version(&world, &of(&bots[1].0), "CLIENT", 1).await;
    for (client, ..) in &bots[1..] {
        assert_eq!(key_status(&world, client).await, "revoked");
    }
    let admin = world.admin();
    until_told(&world, admin.telegram_id, "3\u{a0}keys, 3\u{a0}bots. The records of 1\u{a0}client").await;
    assert_eq!(told(&world, admin.telegram_id, "The records of").await, 1);
    assert_eq!(told(&world, admin.telegram_id, "All trading keys").await, 0);
    // Once it can be read, it is done.
    version(&world, &of(&bots[0].0), "KEY", 1).await;
    delete(&world, "KEYRING", "KMS").await;
    look(&world, 0).await.unwrap();
    assert_eq!(key_status(&world, &bots[0].0).await, "revoked");
    until_told(&world, admin.telegram_id, "All trading keys are revoked: 4\u{a0}keys, 4\u{a0}bots").await;
    assert_eq!(told(&world, u64::try_from(chat(&boris)).unwrap(), "trading keys are revoked").await, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_is_put_off_and_what_is_nobodys_leaves_the_index() {
    let world = without_schedules().await;
    let ([client, other], secret) = (clients(&world), StellarKey::fresh());
    let late = bot(&world, &client, &secret).await;
    // More than one page of the index, all of them before everything else.
    for id in 1..=205 {
        let due = [
            ("pending_pk", AttributeValue::S("KEYRING".into())),
            ("pending_at", AttributeValue::N(id.to_string())),
            ("item_kind", AttributeValue::S("heartbeat".into())),
            ("item_version", AttributeValue::N("2".into())),
        ];
        let key = key(&of(&other), &format!("HEARTBEAT#{id:016}"));
        put(&world, &[key.as_slice(), due.as_slice()].concat()).await;
    }
    let orphan = bot(&world, &client, &secret).await;
    let orphaned = format!("HEARTBEAT#{:016}", orphan.id);
    delete(&world, &of(&client), &format!("BOT#{:016}", orphan.id)).await;
    assert!(look(&world, 200).await.is_err(), "the alarm sees it");
    until_told(&world, client.telegram_id, "has not been heard for").await;
    let bad = item(&world, &of(&other), "HEARTBEAT#0000000000000205").await.unwrap();
    let put_off: i64 = attribute(&bad, "pending_at").parse().unwrap();
    assert!((put_off - later(290).millis()).abs() < 60_000, "{put_off}");
    let orphan = item(&world, &of(&client), &orphaned).await.unwrap();
    assert!(!orphan.contains_key("pending_pk") && !orphan.contains_key("pending_at"), "{orphan:?}");
    look(&world, 201).await.unwrap();
    assert!(look(&world, 400).await.is_err(), "it is looked at again");
    let log = by(&world, &client, "GET", &format!("/bots/{}/log", late.id), None).await;
    assert_eq!(log.text().matches("heartbeat_late").count(), 1, "{}", log.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_that_cannot_be_read_hides_no_other_that_has_not_stopped() {
    let world = without_schedules().await;
    let ([client, _], secret) = (clients(&world), StellarKey::fresh());
    let bots = [bot(&world, &client, &secret).await, bot(&world, &client, &secret).await];
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    let bad = format!("BOT#{:016}", bots[0].id);
    version(&world, &of(&client), &bad, 2).await;
    for seconds in [200, 400] {
        assert!(look(&world, seconds).await.is_err(), "one is not known");
    }
    until_told(&world, client.telegram_id, "has not stopped in time").await;
    assert_eq!(told(&world, client.telegram_id, "has not stopped in time").await, 1);
    version(&world, &of(&client), &bad, 1).await;
    look(&world, 600).await.unwrap();
    crate::telegram::until("of the other one as well", async || {
        (told(&world, client.telegram_id, "has not stopped in time").await == 2).then_some(())
    })
    .await;
    world.stop().await;
}
