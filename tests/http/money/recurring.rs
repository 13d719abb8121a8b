//! What comes again: each due day is entered once, whatever runs at the same moment; what cannot be entered pauses and says why.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{Moment, day::Day};
use countersign_money::reports::schedule;
use countersign_testkit::Call;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    house::{House, Member},
    planned::{demo_id, owner_reads, refused, stranger},
};
use crate::{telegram::until, world::unix_seconds};

pub(super) fn today() -> Day {
    Day::of(Moment::from_seconds(unix_seconds().try_into().unwrap()))
}

pub(super) fn set(house: &House, who: &Member, body: &Value) -> Call {
    let mut whole = json!({
        "family_id": house.family, "from_wallet_id": demo_id(house, "/wallets/0/id"), "amount": "9.99",
        "description": "Newspaper", "every": "day", "starts_on": today().plus(1).unwrap().to_string(),
    });
    for (name, value) in body.as_object().unwrap() {
        whole[name] = value.clone();
    }
    Call::post("/api/v1/recurring", &whole).bearer(&who.token)
}

pub(super) fn change(who: &Member, id: u64, body: &Value) -> Call {
    Call::new("PATCH", &format!("/api/v1/recurring/{id}")).json(body).bearer(&who.token)
}

pub(super) async fn shown(house: &House, id: u64) -> Value {
    let list = Call::get(&format!("/api/v1/recurring?family_id={}", house.family)).bearer(&house.owner.token);
    let list = house.done(&list).await;
    list["recurring"].as_array().unwrap().iter().find(|one| one["id"] == id).cloned().unwrap()
}

/// What it has entered, newest first.
pub(super) async fn entered(house: &House, id: u64) -> Vec<Value> {
    let list = Call::get(&format!("/api/v1/transactions?family_id={}&limit=200", house.family));
    let list = house.done(&list.bearer(&house.owner.token)).await;
    list["transactions"].as_array().unwrap().iter().filter(|one| one["recurring_id"] == id).cloned().collect()
}

/// Lets it have begun so many days ago, by writing it so: nobody waits for days in a test.
pub(super) async fn began(house: &House, id: u64, days: i64) {
    let first = today().plus(-days).unwrap();
    let client = aws_sdk_dynamodb::Client::new(&house.world.system.sdk_config());
    let text = |text: String| AttributeValue::S(text);
    client
        .update_item()
        .table_name(&house.world.system.demo().table_name)
        .key("pk", text(format!("FAMILY#{}", house.family)))
        .key("sk", text(format!("RECURRING#{id:016}")))
        .update_expression("SET starts_on = :first, next_on = :first, pending_at = :at")
        .expression_attribute_values(":first", text(first.to_string()))
        .expression_attribute_values(":at", AttributeValue::N(first.begins_at().millis().to_string()))
        .send()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_due_day_is_entered_once_however_many_schedules_run() {
    let house = House::start().await;
    let id = house.done(&set(&house, &house.owner, &json!({}))).await["id"].as_u64().unwrap();
    assert!(entered(&house, id).await.is_empty(), "it begins tomorrow");
    began(&house, id, 5).await;
    let mut running = JoinSet::new();
    for _ in 0..6 {
        let store = house.world.system.store().clone();
        running.spawn(async move { schedule::run(&store).await.map_err(|refusal| refusal.to_string()) });
    }
    for run in running.join_all().await {
        run.unwrap();
    }
    until("six days are entered", async || (shown(&house, id).await["runs"] == 6).then_some(())).await;
    let all = entered(&house, id).await;
    assert_eq!(all.len(), 6, "{all:#?}");
    assert!(all.iter().all(|one| one["amount"] == "9.99" && one["status"] == "executed"), "{all:#?}");
    assert_eq!(shown(&house, id).await["next_on"], today().plus(1).unwrap().to_string());
    assert_eq!(house.balance(demo_id(&house, "/wallets/0/id")).await.0, 1_000_000 - 6 * 999);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_entered_pauses_and_says_why() {
    let house = House::start().await;
    let poor = house.wallet("15.00").await;
    let body = json!({ "from_wallet_id": poor, "amount": "10.00" });
    let id = house.done(&set(&house, &house.owner, &body)).await["id"].as_u64().unwrap();
    began(&house, id, 2).await;
    until("it pauses", async || (shown(&house, id).await["status"] == "paused").then_some(())).await;
    let paused = shown(&house, id).await;
    assert_eq!(paused["runs"], 1, "there was money for one: {paused}");
    assert!(paused["paused_reason"].as_str().unwrap().starts_with("Not enough money"), "{paused}");
    let told = async || owner_reads(&house).await.into_iter().find(|text| text.contains("Newspaper"));
    let told = until("the owner is told", told).await;
    assert!(told.contains("Not enough money") && told.contains("10.00 EUR"), "{told}");
    // It runs again from today on: what was due meanwhile is left out.
    house.done(&house.pay(&house.owner, None, Some(poor), "100.00")).await;
    house.done(&change(&house.owner, id, &json!({ "paused": false }))).await;
    until("today is entered", async || (shown(&house, id).await["runs"] == 3).then_some(())).await;
    assert_eq!(entered(&house, id).await.len(), 2);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_threshold_it_waits_like_any_other() {
    let house = House::start().await;
    let body = json!({ "amount": "700.00", "starts_on": today().to_string(), "every": "month" });
    let id = house.done(&set(&house, &house.owner, &body)).await["id"].as_u64().unwrap();
    until("it is entered", async || (shown(&house, id).await["runs"] == 1).then_some(())).await;
    let one = entered(&house, id).await[0].clone();
    assert_eq!(one["status"], "pending_approval", "{one}");
    refused(&house, &house.decide(&house.owner, one["id"].as_u64().unwrap(), "confirm"), 403).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_changed_and_taken_away() {
    let house = House::start().await;
    let set_once = set(&house, &house.owner, &json!({ "every": "week" })).idempotent("newspaper");
    let made = house.done(&set_once).await;
    assert_eq!(house.world.send(&set_once).await.json(), made);
    let id = made["id"].as_u64().unwrap();
    let last = today().plus(10).unwrap().to_string();
    let changed =
        house.done(&change(&house.owner, id, &json!({ "amount": 12, "ends_on": last, "paused": true }))).await;
    assert_eq!(
        (&changed["amount"], &changed["ends_on"], &changed["status"]),
        (&json!("12.00"), &json!(last), &json!("paused"))
    );
    began(&house, id, 1).await;
    schedule::run(house.world.system.store()).await.unwrap();
    assert!(entered(&house, id).await.is_empty(), "it is paused");
    let gone = Call::delete(&format!("/api/v1/recurring/{id}")).bearer(&house.owner.token).idempotent("gone");
    house.done(&gone).await;
    assert_eq!(house.world.send(&gone).await.header("idempotent-replayed"), Some("true"));
    refused(&house, &change(&house.owner, id, &json!({})), 404).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_over_and_goes_on_pays_nothing_for_the_days_between() {
    let house = House::start().await;
    let id = house.done(&set(&house, &house.owner, &json!({}))).await["id"].as_u64().unwrap();
    let change = async |body: Value| house.done(&change(&house.owner, id, &body)).await;
    change(json!({ "paused": true })).await;
    began(&house, id, 9).await;
    change(json!({ "ends_on": today().plus(-6).unwrap().to_string() })).await;
    let over = change(json!({ "paused": false })).await;
    assert_eq!((&over["status"], &over["next_on"]), (&json!("ended"), &Value::Null), "{over}");
    let goes_on = change(json!({ "ends_on": null })).await;
    assert_eq!(goes_on["next_on"], today().to_string(), "{goes_on}");
    until("today is entered", async || (!entered(&house, id).await.is_empty()).then_some(())).await;
    schedule::run(house.world.system.store()).await.unwrap();
    assert_eq!(entered(&house, id).await.len(), 1);
    assert_eq!(shown(&house, id).await["next_on"], today().plus(1).unwrap().to_string());
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_it_is_said() {
    let house = House::start().await;
    let yesterday = today().plus(-1).unwrap().to_string();
    let (main, savings) = (demo_id(&house, "/wallets/0/id"), demo_id(&house, "/wallets/1/id"));
    for (bad, status) in [
        (json!({ "every": "hour" }), 400),
        (json!({ "starts_on": yesterday }), 400),
        (json!({ "ends_on": yesterday }), 400),
        (json!({ "amount": "0" }), 400),
        (json!({ "from_wallet_id": null }), 400),
        (json!({ "to_wallet_id": main }), 400),
        (json!({ "from_wallet_id": 99 }), 404),
        (json!({ "category_id": 99 }), 404),
    ] {
        refused(&house, &set(&house, &house.owner, &bad), status).await;
    }
    refused(&house, &set(&house, &house.member, &json!({})), 403).await;
    let transfer = house.done(&set(&house, &house.owner, &json!({ "to_wallet_id": savings }))).await;
    let (id, other) = (transfer["id"].as_u64().unwrap(), stranger(&house));
    for hidden in [
        set(&house, &other, &json!({})),
        change(&other, id, &json!({ "paused": true })),
        Call::delete(&format!("/api/v1/recurring/{id}")).bearer(&other.token),
        Call::get(&format!("/api/v1/recurring?family_id={}", house.family)).bearer(&other.token),
    ] {
        refused(&house, &hidden, 404).await;
    }
    house.stop().await;
}
