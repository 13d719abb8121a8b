//! A payment over the threshold, decided in Telegram: who is asked what, who is told, and that it settles once.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_testkit::Call;
use reqwest::Method;
use serde_json::{Value, json};

use super::{chat, people};
use crate::{
    approvals::{Crafted, data_of, labels, message, press, text},
    money::house::House,
    telegram::{answered, control, heard, stranger, texts, until},
};

/// The member wants to move 600.00 EUR from the first wallet to the second; the owner's message, and the transaction.
async fn asked(house: &House) -> (Value, u64) {
    let family = house.world.system.demo().families[0].clone();
    let body = json!({
        "family_id": house.family, "from_wallet_id": family.wallets[0].id, "to_wallet_id": family.wallets[1].id,
        "amount": "600", "category_id": family.categories[1].id, "description": "A new <sofa>",
    });
    let entered = house.done(&Call::post("/api/v1/transactions", &body).bearer(&house.member.token)).await;
    let shown = message(&house.world, chat(people(house)[0]), "600.00 EUR").await;
    (shown, entered["id"].as_u64().unwrap())
}

/// The first wallet: what is in it and what of it is available.
async fn main(house: &House) -> (i64, i64) {
    house.balance(house.world.system.demo().families[0].wallets[0].id).await
}

/// An adult joins; their Telegram id.
async fn adult(house: &House, telegram_id: u64) -> u64 {
    let path = format!("/api/v1/families/{}/invitations", house.family);
    let invited = house.done(&Call::post(&path, &json!({ "role": "adult" })).bearer(&house.owner.token)).await;
    let anna = stranger(&house.world, telegram_id, Some("en")).await;
    answered(&house.world, anna, &format!("/start {}", invited["code"].as_str().unwrap())).await;
    anna
}

async fn user_id(house: &House, name: &str) -> u64 {
    let path = format!("/api/v1/families/{}", house.family);
    let shown = house.done(&Call::get(&path).bearer(&house.owner.token)).await;
    let members = shown["members"].as_array().unwrap();
    members.iter().find(|member| member["name"] == name).unwrap()["user_id"].as_u64().unwrap()
}

/// A press as Telegram delivers it, so that it can be delivered again.
async fn pressing(house: &House, update_id: u64, person: u64, shown: &Value, button: &str) -> Value {
    let data = data_of(&house.world, chat(person), "600.00 EUR", button).await;
    let (from, words) = (chat(person), text(shown));
    Crafted { update_id, from, chat: from, message_id: &shown["message_id"], text: words, data: &data }.update()
}

async fn deliver(house: &House, update: &Value, times: u32) {
    let again = json!({ "update": update, "times": times, "parallel": true });
    control(&house.world, Method::POST, "/deliver", Some(&again)).await;
}

/// How often the family's log tells that this transaction ended.
async fn ends(house: &House, id: u64) -> usize {
    let path = format!("/api/v1/events?family_id={}&limit=100", house.family);
    let events = house.done(&Call::get(&path).bearer(&house.owner.token)).await;
    let of = |event: &&Value| {
        let kind = event["kind"].as_str().unwrap();
        event["data"]["transaction_id"] == id && matches!(kind, "transaction.executed" | "transaction.rejected")
    };
    events["events"].as_array().unwrap().iter().filter(of).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_sees_all_of_it_approves_and_the_asker_is_told_in_their_language() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    answered(&house.world, member, "/language ru").await;
    let (shown, id) = asked(&house).await;
    for part in [
        "Max wants to move 600.00 EUR",
        "From: Main",
        "To: Savings",
        "Category: Home",
        "Note: A new <sofa>",
        "Left after it: 9400.00 EUR",
        "Family: Olga's family",
        "Asked by Max.",
        "Open until ",
    ] {
        assert!(text(&shown).contains(part), "{part}: {}", text(&shown));
    }
    assert_eq!(labels(&shown), ["Approve", "Deny"]);
    assert_eq!(main(&house).await, (1_000_000, 940_000), "it is held");
    assert_eq!(press(&house.world, chat(owner), chat(owner), &shown, "Approve").await, "Your answer: Approve");
    assert_eq!((house.ended(id).await.as_str(), main(&house).await), ("executed", (940_000, 940_000)));
    let edited = message(&house.world, chat(owner), "✅ Approved by Olga, ").await;
    assert_eq!((&edited["message_id"], labels(&edited).len()), (&shown["message_id"], 0), "{edited}");
    assert!(text(&edited).contains(" UTC"), "{edited}");
    let heard = message(&house.world, chat(member), "✅ Одобрено: Olga, ").await;
    assert!(text(&heard).contains("600.00 EUR") && text(&heard).contains("Откуда: Main"), "{heard}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_frees_what_was_held() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    let (shown, id) = asked(&house).await;
    press(&house.world, chat(owner), chat(owner), &shown, "Deny").await;
    assert_eq!((house.ended(id).await.as_str(), main(&house).await), ("rejected", (1_000_000, 1_000_000)));
    message(&house.world, chat(owner), "❌ Denied by Olga, ").await;
    message(&house.world, chat(member), "❌ Denied by Olga, ").await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_app_decides_shows_in_the_chat_and_a_late_press_learns_it() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    let (shown, id) = asked(&house).await;
    let late = pressing(&house, 982_000_001, owner, &shown, "Deny").await;
    house.done(&house.decide(&house.owner, id, "confirm")).await;
    let edited = message(&house.world, chat(owner), "✅ Approved by Olga, ").await;
    assert_eq!((&edited["message_id"], labels(&edited).len()), (&shown["message_id"], 0), "{edited}");
    message(&house.world, chat(member), "✅ Approved by Olga, ").await;
    deliver(&house, &late, 1).await;
    assert_eq!((house.ended(id).await.as_str(), main(&house).await), ("executed", (940_000, 940_000)));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_decides_there_is_a_reminder_then_it_expires_and_the_hold_ends() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    let (_, id) = asked(&house).await;
    remind_now(&house, id).await;
    let reminder = message(&house.world, chat(owner), "This still waits for your decision.").await;
    assert!(text(&reminder).contains("It expires at "), "{reminder}");
    assert_eq!(main(&house).await, (1_000_000, 940_000));
    house.ends_in(id, 0).await;
    house.expire(id).await;
    assert_eq!((house.ended(id).await.as_str(), main(&house).await), ("expired", (1_000_000, 1_000_000)));
    let edited = message(&house.world, chat(owner), "⌛ Expired without a decision, ").await;
    assert!(labels(&edited).is_empty(), "{edited}");
    message(&house.world, chat(member), "⌛ Expired without a decision, ").await;
    let reminders = texts(&house.world, chat(owner)).await;
    assert_eq!(reminders.iter().filter(|said| said.contains("still waits")).count(), 1, "{reminders:?}");
    house.stop().await;
}

/// Lets the hour of the reminder come, by writing it so.
async fn remind_now(house: &House, id: u64) {
    let approval = house.transaction(id).await["approval_id"].as_u64().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().to_string();
    for (sk, update) in [("PROPOSAL", "SET remind_at = :at"), ("STATE", "SET pending_at = :at")] {
        let write = house.world.dynamodb().update_item().table_name(&house.world.system.demo().table_name);
        let write = write.key("pk", AttributeValue::S(format!("APPROVAL#{approval}")));
        let write = write.key("sk", AttributeValue::S(sk.to_owned())).update_expression(update);
        write.expression_attribute_values(":at", AttributeValue::N(now.clone())).send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_removed_or_lowered_after_being_asked_decides_nothing_and_is_told_why() {
    let house = House::start().await;
    let (anna, boris) = (adult(&house, 68_600_001).await, adult(&house, 68_600_002).await);
    let (_, id) = asked(&house).await;
    let [of_anna, of_boris] =
        [message(&house.world, chat(anna), "600.00 EUR").await, message(&house.world, chat(boris), "600.00 EUR").await];
    let path = format!("/api/v1/families/{}", house.family);
    let first = user_id(&house, "Anna").await;
    house.done(&Call::delete(&format!("{path}/members/{first}")).bearer(&house.owner.token)).await;
    let second = user_id(&house, "Anna").await;
    let lower = Call::new("PATCH", &format!("{path}/members/{second}")).json(&json!({ "role": "child" }));
    house.done(&lower.bearer(&house.owner.token)).await;
    for (person, shown) in [(anna, &of_anna), (boris, &of_boris)] {
        let told = press(&house.world, chat(person), chat(person), shown, "Approve").await;
        assert!(told.starts_with("You may not do this: you are not in the family any more"), "{told}");
        assert_eq!((house.ended(id).await.as_str(), main(&house).await), ("pending_approval", (1_000_000, 940_000)));
    }
    let [owner, _] = people(&house);
    let shown = message(&house.world, chat(owner), "600.00 EUR").await;
    press(&house.world, chat(owner), chat(owner), &shown, "Approve").await;
    assert_eq!((house.ended(id).await.as_str(), main(&house).await), ("executed", (940_000, 940_000)));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_deliveries_of_one_press_settle_once() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    let (shown, id) = asked(&house).await;
    let update = pressing(&house, 982_100_001, owner, &shown, "Approve").await;
    deliver(&house, &update, 20).await;
    deliver(&house, &update, 1).await;
    assert_eq!((house.ended(id).await.as_str(), main(&house).await), ("executed", (940_000, 940_000)));
    assert_eq!(ends(&house, id).await, 1);
    // The press that is delivered says that Telegram calls its sender Anna.
    message(&house.world, chat(member), "✅ Approved by Anna, ").await;
    let said = heard(&house.world, chat(member)).await;
    assert_eq!(said.len(), 1, "the asker is told once: {said:?}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approve_and_deny_at_the_same_instant_have_one_outcome() {
    let house = House::start().await;
    let anna = adult(&house, 68_700_001).await;
    let [owner, _] = people(&house);
    let (shown, id) = asked(&house).await;
    let second = message(&house.world, chat(anna), "600.00 EUR").await;
    let approve = pressing(&house, 982_200_001, owner, &shown, "Approve").await;
    let deny = pressing(&house, 982_200_002, anna, &second, "Deny").await;
    tokio::join!(deliver(&house, &approve, 5), deliver(&house, &deny, 5));
    let ended = until("it is decided", async || {
        deliver(&house, &approve, 1).await;
        deliver(&house, &deny, 1).await;
        Some(house.ended(id).await).filter(|status| status != "pending_approval")
    })
    .await;
    let expected = if ended == "executed" { (940_000, 940_000) } else { (1_000_000, 1_000_000) };
    assert!(matches!(ended.as_str(), "executed" | "rejected"), "{ended}");
    assert_eq!(main(&house).await, expected, "{ended}");
    assert_eq!(ends(&house, id).await, 1);
    house.stop().await;
}
