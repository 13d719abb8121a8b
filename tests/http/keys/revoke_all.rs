//! The emergency: an admin asks, another one approves, and no client's key signs any more.

use countersign_keys::monitor::{Monitor, run_at};
use countersign_local::{
    Options,
    demo::{DemoClient, DemoPerson},
};
use countersign_testkit::{Answer, Call};
use reqwest::Method;
use serde_json::{Value, json};

use super::{RunningBot, StellarKey, bot, by, new_client, payment};
use crate::{
    approvals::{Crafted, data_of, message, press},
    attacks::table::Table,
    telegram::{control, texts, until},
    world::{World, unix_seconds},
};

const ASKED: &str = "EMERGENCY";

pub(super) fn chat(person: &DemoPerson) -> i64 {
    i64::try_from(person.telegram_id).unwrap()
}

/// Makes somebody an admin whom Telegram knows.
pub(super) async fn another_admin(world: &World, name: &str) -> DemoPerson {
    let person = world.newcomer().await;
    let known = json!({ "telegram_id": person.telegram_id, "first_name": name, "language_code": "en" });
    control(world, Method::POST, "/people", Some(&known)).await;
    give_role(world, &person, "admin").await;
    person
}

async fn give_role(world: &World, person: &DemoPerson, role: &str) {
    let path = format!("/api/v1/roles/{}", person.user_id);
    let call = Call::new("PUT", &path).json(&json!({ "role": role })).bearer(&world.admin().access_token);
    let given = world.send(&call).await;
    assert_eq!(given.status, 200, "{}", given.text());
}

async fn ask(world: &World, token: &str, reason: &str) -> Answer {
    world.send(&Call::post("/clients/revoke-all", &json!({ "reason": reason })).bearer(token)).await
}

/// An admin asks; the approval's id.
pub(super) async fn asked(world: &World) -> u64 {
    let asked = ask(world, &world.admin().access_token, "a laptop was stolen").await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    assert!(asked.json()["expires_at"].is_string(), "{}", asked.text());
    asked.json()["approval_id"].as_u64().unwrap()
}

async fn status(world: &World, id: u64) -> Value {
    let (_, _, approval) = world.get(&format!("/api/v1/approvals/{id}"), Some(&world.admin().access_token)).await;
    if approval["status"] == "closed" { approval["outcome"].clone() } else { approval["status"].clone() }
}

/// The other admin answers in Telegram; what they are told.
pub(super) async fn answered(world: &World, admin: &DemoPerson, button: &str) -> String {
    let shown = message(world, chat(admin), ASKED).await;
    press(world, chat(admin), chat(admin), &shown, button).await
}

pub(super) async fn many(world: &World, count: usize) -> Vec<(DemoClient, StellarKey, RunningBot)> {
    let mut made = Vec::new();
    for _ in 0..count {
        let (client, key) = (new_client(world).await, StellarKey::fresh());
        let bot = bot(world, &client, &key).await;
        made.push((client, key, bot));
    }
    made
}

pub(super) async fn signs(world: &World, bots: &[(DemoClient, StellarKey, RunningBot)]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for (_, key, bot) in bots {
        statuses.push(bot.sign(world, &payment(&key.address)).await.status);
    }
    statuses
}

pub(super) async fn key_status(world: &World, client: &DemoClient) -> String {
    let shown = by(world, client, "GET", "/clients/{client}", None).await.json();
    shown["key"]["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_another_admin_approves_no_key_signs_and_the_admins_are_told_when_all_are_revoked() {
    let world = World::start().await;
    let boris = another_admin(&world, "Boris").await;
    // More than one page of clients.
    let bots = many(&world, 28).await;
    let spare = bot(&world, &bots[0].0, &bots[0].1).await;
    let id = asked(&world).await;
    assert_eq!(status(&world, id).await, "open");
    let shown = message(&world, chat(&boris), ASKED).await;
    assert!(shown["text"].as_str().unwrap().contains("a laptop was stolen"), "{shown}");
    assert_eq!(signs(&world, &bots[..2]).await, [200, 200], "to ask changes nothing");
    answered(&world, &boris, "Approve").await;
    assert_eq!(signs(&world, &bots).await, vec![409; 28], "from the approval on");
    assert_eq!(status(&world, id).await, "approved");
    for admin in [&boris, &world.admin()] {
        until("the admins are told", async || {
            let said = texts(&world, chat(admin)).await;
            said.iter().any(|text| text.contains("28\u{a0}keys, 29\u{a0}bots")).then_some(())
        })
        .await;
    }
    for (client, key, bot) in &bots {
        assert_eq!(key_status(&world, client).await, "revoked");
        assert_eq!(bot.sign(&world, &payment(&key.address)).await.status, 409);
    }
    assert_eq!(spare.sign(&world, &payment(&bots[0].1.address)).await.status, 409);
    assert_eq!(spare.heartbeat(&world).await.json()["stop"], json!(true));
    let events = by(&world, &bots[0].0, "GET", "/clients/{client}/key-events", None).await;
    assert!(
        events.text().contains("a laptop was stolen") && events.text().contains("key_revoked"),
        "{}",
        events.text()
    );
    let sealed = |item: &String| item.contains("\"sealed\"");
    let items = Table::of(&world).dump().await;
    assert!(!items.iter().any(|((pk, _), item)| pk.starts_with("CLIENT#") && sealed(item)), "no sealed bytes are left");
    // What is entered afterwards is a key like any other.
    let (client, new) = (&bots[1].0, StellarKey::fresh());
    let again = bot(&world, client, &new).await;
    assert_eq!(again.sign(&world, &payment(&new.address)).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_clients_own_record_says_it_nothing_signs_and_nothing_is_entered() {
    let world = World::of(Options { without_schedules: true, ..Options::default() }).await;
    let boris = another_admin(&world, "Boris").await;
    let bots = many(&world, 3).await;
    let before = signs(&world, &bots).await;
    asked(&world).await;
    answered(&world, &boris, "Approve").await;
    assert_eq!((before, signs(&world, &bots).await), (vec![200; 3], vec![409; 3]));
    let (client, key, _) = &bots[0];
    assert_eq!(key_status(&world, client).await, "active", "nobody has walked yet");
    let body = json!({ "private_key": StellarKey::fresh().secret });
    let rotated = by(&world, client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
    assert_eq!(rotated.status, 409, "a rotation would bring the bots back: {}", rotated.text());
    let another = by(&world, client, "POST", "/clients/{client}/setup-bot", Some(&key.setup())).await;
    assert_eq!(another.status, 409, "{}", another.text());
    // Two runs at once revoke each key once, and the admins are told once.
    let monitor = Monitor::build(world.system.environment(), &world.system.sdk_config()).unwrap();
    let now = countersign_core::Moment::from_seconds(i64::try_from(unix_seconds()).unwrap());
    let (one, other) = tokio::join!(run_at(&monitor, now), run_at(&monitor, now));
    assert!(one.is_ok() && other.is_ok());
    run_at(&monitor, now).await.unwrap();
    for (client, ..) in &bots {
        assert_eq!(key_status(&world, client).await, "revoked");
        let events = by(&world, client, "GET", "/clients/{client}/key-events", None).await.json();
        let revoked = events["events"].as_array().unwrap().iter().filter(|event| event["what"] == "key_revoked");
        assert_eq!(revoked.count(), 1, "{events}");
    }
    until("the admins are told", async || {
        let said = texts(&world, chat(&boris)).await;
        let told = said.iter().filter(|text| text.contains("3\u{a0}keys, 3\u{a0}bots")).count();
        assert!(told < 2, "{said:?}");
        (told == 1).then_some(())
    })
    .await;
    world.stop().await;
}

/// What was asked for after this moment, and was signed.
async fn signed_after(
    world: &World,
    bots: &[(DemoClient, StellarKey, RunningBot)],
    approve: &DemoPerson,
) -> [usize; 2] {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        time::Instant,
    };

    let over = AtomicBool::new(false);
    let keep_signing = |(_, key, bot): &'_ (DemoClient, StellarKey, RunningBot)| {
        let (call, over) = (bot.sign_call(&payment(&key.address)), &over);
        async move {
            let mut signed = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                if world.send(&call).await.status == 200 {
                    signed.push(begun);
                }
            }
            signed
        }
    };
    let approving = async {
        answered(world, approve, "Approve").await;
        let approved = Instant::now();
        until("the admins are told", async || {
            let said = texts(world, chat(approve)).await;
            said.iter().any(|text| text.contains("All trading keys are revoked")).then_some(())
        })
        .await;
        over.store(true, Ordering::Relaxed);
        approved
    };
    let [one, other] = bots else { panic!("two bots sign") };
    let (approved, one, other) = tokio::join!(approving, keep_signing(one), keep_signing(other));
    let late = |signed: &Vec<Instant>| signed.iter().filter(|begun| **begun > approved).count();
    [one.len() + other.len(), late(&one) + late(&other)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_that_sign_all_the_time_get_nothing_that_they_ask_for_after_the_approval() {
    let world = World::start().await;
    let boris = another_admin(&world, "Boris").await;
    let bots = many(&world, 2).await;
    asked(&world).await;
    let [signed, late] = signed_after(&world, &bots, &boris).await;
    assert!(signed > 0, "the control: they were signing");
    assert_eq!(late, 0, "of {signed} signatures");
    assert_eq!(signs(&world, &bots).await, [409, 409]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_denied_or_too_late_revokes_nothing() {
    let world = World::start().await;
    let boris = another_admin(&world, "Boris").await;
    let bots = many(&world, 1).await;
    let id = asked(&world).await;
    answered(&world, &boris, "Deny").await;
    assert_eq!(status(&world, id).await, "denied");
    assert_eq!(signs(&world, &bots).await, [200]);
    let id = asked(&world).await;
    let sent = until("the second question", async || {
        let said = crate::telegram::heard(&world, chat(&boris)).await;
        said.into_iter().rfind(|message| {
            let text = message["text"].as_str().unwrap_or_default();
            text.contains(ASKED) && message["buttons"].as_array().is_some_and(|rows| !rows.is_empty())
        })
    })
    .await;
    over(&world, id).await;
    until("it expires", async || (status(&world, id).await == "expired").then_some(())).await;
    press_late(&world, &boris, &sent).await;
    assert_eq!((status(&world, id).await, signs(&world, &bots).await), (json!("expired"), vec![200]));
    world.stop().await;
}

/// Its hour is over, and the schedule is to look at it.
async fn over(world: &World, id: u64) {
    use aws_sdk_dynamodb::types::AttributeValue;

    let table = aws_sdk_dynamodb::Client::new(&world.system.sdk_config());
    let past = AttributeValue::N(((unix_seconds() - 1) * 1000).to_string());
    for (sk, attribute) in [("PROPOSAL", "open_until"), ("STATE", "pending_at")] {
        table
            .update_item()
            .table_name(&world.system.demo().table_name)
            .key("pk", AttributeValue::S(format!("APPROVAL#{id}")))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .update_expression("SET #attribute = :past")
            .condition_expression("attribute_exists(#attribute)")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":past", past.clone())
            .send()
            .await
            .unwrap();
    }
}

/// The button may be gone by then.
async fn press_late(world: &World, admin: &DemoPerson, shown: &Value) {
    let body = json!({ "message_id": shown["message_id"], "button": "Approve", "chat_id": chat(admin) });
    let url = world.system.demo().standins.telegram.clone().unwrap();
    let url = format!("{url}/_control/people/{}/press", chat(admin));
    let request = world.http.post(url).header("content-type", "application/json").body(body.to_string());
    let _gone = request.send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_approves_their_own_and_nobody_who_is_no_admin_any_more() {
    let world = World::start().await;
    let bots = many(&world, 1).await;
    let alone = ask(&world, &world.admin().access_token, "a leak").await;
    assert_eq!(alone.status, 409, "{}", alone.text());
    assert!(alone.text().contains("No other admin"), "{}", alone.text());
    let client = &bots[0].0;
    for token in [&client.access_token, &world.service("bot_runner").api_key] {
        assert!([401, 403, 404].contains(&ask(&world, token, "a leak").await.status));
    }
    let boris = another_admin(&world, "Boris").await;
    for reason in [json!({}), json!({ "reason": " " }), json!({ "reason": "x".repeat(301) }), json!({ "reason": 1 })] {
        let call = Call::post("/clients/revoke-all", &reason).bearer(&world.admin().access_token);
        assert_eq!(world.send(&call).await.status, 400, "{reason}");
    }
    let id = asked(&world).await;
    let shown = message(&world, chat(&boris), ASKED).await;
    let own = texts(&world, chat(&world.admin())).await;
    assert!(!own.iter().any(|text| text.contains(ASKED)), "whoever asks is not asked: {own:?}");
    // The button of the other's message in one's own chat, as somebody may make it up who has learnt it.
    let data = data_of(&world, chat(&boris), ASKED, "Approve").await;
    let own = Crafted {
        update_id: 77_001,
        from: chat(&world.admin()),
        chat: chat(&world.admin()),
        message_id: &shown["message_id"],
        text: shown["text"].as_str().unwrap(),
        data: &data,
    };
    own.deliver(&world).await;
    assert_eq!(status(&world, id).await, "open");
    give_role(&world, &boris, "user").await;
    let said = answered(&world, &boris, "Approve").await;
    assert!(said.contains("another admin"), "{said}");
    assert_eq!((status(&world, id).await, signs(&world, &bots).await), (json!("open"), vec![200]));
    let path = format!("/api/v1/approvals/{id}");
    assert_eq!(world.get(&path, Some(&client.access_token)).await.0, 404, "it is nobody else's");
    world.stop().await;
}
