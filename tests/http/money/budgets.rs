//! Budgets: set, shown with what was spent, told of once at 80 and at 100 %.

use countersign_testkit::Call;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    house::{House, Member},
    planned::{demo_id, owner_reads, refused, spend, stranger, this_month},
};
use crate::telegram::until;

fn put(house: &House, who: &Member, category: u64, limit: &str) -> Call {
    let body = json!({ "family_id": house.family, "category_id": category, "limit": limit });
    Call::new("PUT", "/api/v1/budgets").json(&body).bearer(&who.token)
}

fn get(house: &House, who: &Member) -> Call {
    Call::get(&format!("/api/v1/budgets?family_id={}", house.family)).bearer(&who.token)
}

fn delete(house: &House, who: &Member, category: u64) -> Call {
    Call::delete(&format!("/api/v1/budgets?family_id={}&category_id={category}", house.family)).bearer(&who.token)
}

/// The family's only budget.
async fn budget(house: &House) -> Value {
    let shown = house.done(&get(house, &house.member)).await;
    assert_eq!(shown["budgets"].as_array().unwrap().len(), 1, "{shown}");
    shown["budgets"][0].clone()
}

/// Alerts that the owner has read, of this level.
async fn alerts(house: &House, word: &str) -> usize {
    owner_reads(house).await.iter().filter(|text| text.contains("Groceries") && text.contains(word)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_shows_what_was_spent_and_what_is_left() {
    let house = House::start().await;
    let (wallet, category) = (demo_id(&house, "/wallets/0/id"), demo_id(&house, "/categories/0/id"));
    let set = house.done(&put(&house, &house.owner, category, "200.00")).await;
    assert_eq!((&set["spent"], &set["left"], &set["percent"]), (&json!("0.00"), &json!("200.00"), &json!(0)));
    house.done(&spend(&house, &house.member, wallet, Some(category), "50.50")).await;
    house.done(&spend(&house, &house.member, wallet, Some(demo_id(&house, "/categories/1/id")), "90.00")).await;
    let shown = budget(&house).await;
    assert_eq!(shown["category"], "Groceries", "{shown}");
    assert_eq!((&shown["spent"], &shown["left"], &shown["percent"]), (&json!("50.50"), &json!("149.50"), &json!(25)));
    assert_eq!((&shown["month"], &shown["alerted"]), (&json!(this_month()), &Value::Null));
    let last = Call::get(&format!("/api/v1/budgets?family_id={}&month=2025-01", house.family));
    let last = house.done(&last.bearer(&house.member.token)).await;
    assert_eq!(last["budgets"][0]["spent"], "0.00", "{last}");
    house.done(&delete(&house, &house.owner, category)).await;
    assert_eq!(house.done(&get(&house, &house.owner)).await["budgets"], json!([]));
    refused(&house, &delete(&house, &house.owner, category), 404).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_80_and_at_100_per_cent_the_owner_is_told_once_each() {
    let house = House::start().await;
    let (wallet, category) = (demo_id(&house, "/wallets/0/id"), demo_id(&house, "/categories/0/id"));
    house.done(&put(&house, &house.owner, category, "100.00")).await;
    let pay = async |amount: &str| house.done(&spend(&house, &house.member, wallet, Some(category), amount)).await;
    pay("79.99").await;
    let near = pay("0.01").await["id"].as_u64().unwrap();
    until("the alert at 80 %", async || (alerts(&house, "80 %").await == 1).then_some(())).await;
    assert_eq!(budget(&house).await["alerted"], 80);
    // It falls below and rises again: nothing new is told.
    house.done(&house.reverse(near)).await;
    pay("5.00").await;
    pay("20.00").await;
    until("the alert at 100 %", async || (alerts(&house, "used up").await == 1).then_some(())).await;
    pay("30.00").await;
    assert_eq!(budget(&house).await["alerted"], 100);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let told = owner_reads(&house).await;
    assert_eq!(told.iter().filter(|text| text.contains("Groceries")).count(), 2, "{told:#?}");
    let log = Call::get(&format!("/api/v1/events?family_id={}&limit=200", house.family)).bearer(&house.owner.token);
    let events = house.done(&log).await["events"].as_array().unwrap().clone();
    let levels: Vec<_> = events.iter().filter(|event| event["kind"] == "budget.alert").collect();
    assert_eq!(levels.len(), 2, "{levels:?}");
    assert_eq!((&levels[1]["data"]["level"], &levels[0]["data"]["level"]), (&json!(80), &json!(100)));
    let proof = Call::get(&format!("/api/v1/events/verify?family_id={}", house.family)).bearer(&house.owner.token);
    assert_eq!(house.done(&proof).await["valid"], true);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_payments_at_once_are_told_of_once() {
    let house = House::start().await;
    let (wallet, category) = (demo_id(&house, "/wallets/0/id"), demo_id(&house, "/categories/0/id"));
    house.done(&put(&house, &house.owner, category, "100.00")).await;
    let mut running = JoinSet::new();
    for place in 0..20 {
        let key = format!("budget-{place}-{}", fastrand::u64(..));
        let (client, call) = (house.client(), spend(&house, &house.member, wallet, Some(category), "10.00"));
        let call = call.idempotent(&key);
        running.spawn(async move {
            loop {
                let answer = client.send(&call).await.unwrap();
                if answer.status != 503 {
                    return answer.status;
                }
            }
        });
    }
    assert!(running.join_all().await.iter().all(|status| *status == 201));
    let shown = budget(&house).await;
    assert_eq!((&shown["spent"], &shown["alerted"]), (&json!("200.00"), &json!(100)), "{shown}");
    until("the alert at 100 %", async || (alerts(&house, "used up").await == 1).then_some(())).await;
    assert_eq!(alerts(&house, "80 %").await, 1);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_is_approved_is_told_of_when_it_is_executed() {
    let house = House::start().await;
    let (wallet, category) = (demo_id(&house, "/wallets/0/id"), demo_id(&house, "/categories/0/id"));
    house.done(&put(&house, &house.owner, category, "700.00")).await;
    let waits = house.done(&spend(&house, &house.member, wallet, Some(category), "650.00")).await;
    assert_eq!(waits["status"], "pending_approval", "{waits}");
    assert_eq!(budget(&house).await["spent"], "0.00");
    house.done(&house.decide(&house.owner, waits["id"].as_u64().unwrap(), "confirm")).await;
    assert_eq!(budget(&house).await["alerted"], 80);
    until("the alert", async || (alerts(&house, "92 %").await == 1).then_some(())).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_budget_is_said() {
    let house = House::start().await;
    let category = demo_id(&house, "/categories/0/id");
    for bad in ["0", "-1", "1.001", "nothing"] {
        refused(&house, &put(&house, &house.owner, category, bad), 400).await;
    }
    refused(&house, &put(&house, &house.owner, 99, "1.00"), 404).await;
    refused(&house, &put(&house, &house.member, category, "1.00"), 403).await;
    refused(&house, &delete(&house, &house.owner, category), 404).await;
    for who in [&stranger(&house)] {
        refused(&house, &put(&house, who, category, "1.00"), 404).await;
        refused(&house, &get(&house, who), 404).await;
        refused(&house, &delete(&house, who, category), 404).await;
    }
    let set = put(&house, &house.owner, category, "10.00").idempotent("one-budget");
    let first = house.done(&set).await;
    let again = house.world.send(&set).await;
    assert_eq!((again.header("idempotent-replayed"), again.json()), (Some("true"), first));
    refused(&house, &put(&house, &house.owner, category, "11.00").idempotent("one-budget"), 422).await;
    house.stop().await;
}
