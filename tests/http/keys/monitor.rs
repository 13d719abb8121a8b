//! Whatever is wrong with a bot, a key or KMS is told once, and once when it is well again.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::Moment;
use countersign_keys::monitor::{Monitor, run_at};
use countersign_local::Options;
use countersign_local_control::{Cut, Fault};
use serde_json::{Value, json};

use super::{StellarKey, bot, by, clients};
use crate::{
    telegram::{texts, until},
    world::{World, unix_seconds},
};

/// So many seconds from now.
pub(super) fn later(seconds: i64) -> Moment {
    Moment::from_seconds(i64::try_from(unix_seconds()).unwrap() + seconds)
}

async fn look(world: &World, seconds: i64) {
    let monitor = Monitor::build(world.system.environment(), &world.system.sdk_config()).unwrap();
    run_at(&monitor, later(seconds)).await.unwrap();
}

/// How many of the bot's messages in a person's chat hold this.
pub(super) async fn told(world: &World, telegram_id: u64, words: &str) -> usize {
    let said = texts(world, i64::try_from(telegram_id).unwrap()).await;
    said.iter().filter(|text| text.contains(words)).count()
}

pub(super) async fn until_told(world: &World, telegram_id: u64, words: &str) {
    until(words, async || (told(world, telegram_id, words).await > 0).then_some(())).await;
}

fn whats(events: &Value) -> Vec<String> {
    events["events"].as_array().unwrap().iter().map(|event| event["what"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_heartbeat_is_told_once_and_once_that_it_is_back() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    assert_eq!(
        bot.heartbeat(&world).await.json(),
        json!({ "status": "running", "stop": false, "heartbeat_seconds": 30 })
    );
    let health = async || by(&world, &client, "GET", &format!("/bots/{}/health", bot.id), None).await.json();
    assert_eq!((&health().await["health"], &health().await["checks"]["heartbeat"]), (&json!("healthy"), &json!("ok")));
    look(&world, 60).await;
    // Two that look at once tell once, as do two after each other.
    for _ in 0..2 {
        tokio::join!(look(&world, 200), look(&world, 200));
    }
    until_told(&world, client.telegram_id, "has not been heard for").await;
    let log = by(&world, &client, "GET", &format!("/bots/{}/log", bot.id), None).await.json();
    assert_eq!(whats(&log).iter().filter(|what| *what == "heartbeat_late").count(), 1, "{log}");
    for _ in 0..2 {
        assert_eq!(bot.heartbeat(&world).await.status, 200);
    }
    until_told(&world, client.telegram_id, "is heard again").await;
    assert_eq!(told(&world, client.telegram_id, "has not been heard for").await, 1);
    assert_eq!(told(&world, client.telegram_id, "is heard again").await, 1);
    let log = by(&world, &client, "GET", &format!("/bots/{}/log", bot.id), None).await.json();
    assert_eq!(whats(&log).iter().filter(|what| *what == "heartbeat_back").count(), 1, "{log}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_that_is_overdue_is_told_and_written_down() {
    let world = World::start().await;
    let ([client, _], key, admin) = (clients(&world), StellarKey::fresh(), world.admin());
    let bots = [bot(&world, &client, &key).await, bot(&world, &client, &key).await];
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    assert_eq!(bots[0].heartbeat(&world).await.json()["stop"], json!(true));
    until_told(&world, client.telegram_id, "was revoked").await;
    until_told(&world, admin.telegram_id, "was revoked").await;
    for _ in 0..2 {
        look(&world, 200).await;
    }
    until_told(&world, admin.telegram_id, "has not stopped in time").await;
    until_told(&world, client.telegram_id, "has not stopped in time").await;
    assert_eq!(told(&world, admin.telegram_id, "has not stopped in time").await, 1, "one of the two has stopped");
    let shown = by(&world, &client, "GET", &format!("/bots/{}", bots[1].id), None).await.json();
    assert_eq!(shown["status"], json!("stopping"));
    // It stops in the end, which is told to whoever was told that it did not.
    for _ in 0..2 {
        assert_eq!(bots[1].heartbeat(&world).await.json()["status"], json!("stopped"));
    }
    for person in [client.telegram_id, admin.telegram_id] {
        until_told(&world, person, "has stopped.").await;
        assert_eq!(told(&world, person, "has stopped.").await, 1);
        assert_eq!(told(&world, person, "is heard again").await, 0);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_stays_awaited_where_a_new_key_is_entered_at_once() {
    let world = World::of(Options { without_schedules: true, ..Options::default() }).await;
    let ([client, _], admin) = (clients(&world), world.admin());
    let (old, new) = (StellarKey::fresh(), StellarKey::fresh());
    let silent = bot(&world, &client, &old).await;
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    let setup = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&new.setup())).await;
    assert_eq!(setup.status, 201, "{}", setup.text());
    let shown = async || by(&world, &client, "GET", &format!("/bots/{}", silent.id), None).await.json();
    assert_eq!((&shown().await["status"], &shown().await["stop"]), (&json!("stopping"), &json!("requested")));
    look(&world, 60).await;
    assert_eq!(told(&world, admin.telegram_id, "has not stopped in time").await, 0);
    for _ in 0..2 {
        look(&world, 200).await;
    }
    for person in [client.telegram_id, admin.telegram_id] {
        until_told(&world, person, "has not stopped in time").await;
        assert_eq!(
            told(&world, person, "has not stopped in time").await,
            1,
            "the new bot runs, and of the old one once"
        );
    }
    let log = by(&world, &client, "GET", &format!("/bots/{}/log", silent.id), None).await.json();
    assert_eq!(whats(&log).iter().filter(|what| *what == "stop_overdue").count(), 1, "{log}");
    let long_ago = AttributeValue::N((later(-200).millis()).to_string());
    world.change(&format!("CLIENT#{}", client.id), "KEY", "last_revoked_at", long_ago).await;
    assert_eq!(shown().await["stop"], json!("overdue"), "it stays what it is");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_of_the_directory_that_are_nobodys_hide_no_admin() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    bot(&world, &client, &key).await;
    for id in 1..=12 {
        let line = world.dynamodb().put_item().table_name(&world.system.demo().table_name);
        let line = line.item("pk", AttributeValue::S("ADMINS".into()));
        line.item("sk", AttributeValue::S(format!("USER#{id:016}"))).send().await.unwrap();
    }
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    until_told(&world, world.admin().telegram_id, "was revoked").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_ends_is_told_of_before_and_when_it_has_ended() {
    let world = World::start().await;
    let ([client, _], key, new) = (clients(&world), StellarKey::fresh(), StellarKey::fresh());
    bot(&world, &client, &key).await;
    let day = 24 * 3600;
    let body = json!({ "private_key": new.secret, "expires_at": later(40 * day).to_rfc3339() });
    assert_eq!(by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await.status, 200);
    look(&world, 5 * day).await;
    for days in [11, 11, 34, 39, 41, 42] {
        look(&world, days * day).await;
    }
    until_told(&world, client.telegram_id, "has ended").await;
    until_told(&world, world.admin().telegram_id, "has ended").await;
    let steps = ["ends in 30\u{a0}days", "ends in 7\u{a0}days", "ends in 1\u{a0}day.", "has ended"];
    for words in steps {
        assert_eq!(told(&world, client.telegram_id, words).await, 1, "{words}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kms_that_does_not_answer_is_told_once_and_once_that_it_does() {
    let world = World::start().await;
    let ([client, _], key, admin) = (clients(&world), StellarKey::fresh(), world.admin());
    let bot = bot(&world, &client, &key).await;
    look(&world, 0).await;
    world.system.aws().control().add_fault(Fault::cut(Cut::Before).matching("GenerateDataKey").times(20));
    tokio::join!(look(&world, 0), look(&world, 0));
    look(&world, 0).await;
    let health = by(&world, &client, "GET", &format!("/bots/{}/health", bot.id), None).await.json();
    assert_eq!((&health["health"], &health["checks"]["kms"]), (&json!("unhealthy"), &json!("unhealthy")));
    world.system.aws().control().clear_faults();
    look(&world, 0).await;
    look(&world, 0).await;
    until_told(&world, admin.telegram_id, "KMS answers").await;
    assert_eq!(told(&world, admin.telegram_id, "KMS does not answer").await, 1);
    assert_eq!(told(&world, admin.telegram_id, "KMS answers").await, 1);
    world.stop().await;
}
