//! `/start inv_…`: an invitation into a family, good once.

use countersign_testkit::Call;
use reqwest::Method;
use serde_json::{Value, json};

use super::chat;
use crate::{
    money::house::House,
    telegram::{answered, control, stranger, texts},
};

async fn invite(house: &House, role: &str) -> String {
    let path = format!("/api/v1/families/{}/invitations", house.family);
    let invited = house.done(&Call::post(&path, &json!({ "role": role })).bearer(&house.owner.token)).await;
    invited["code"].as_str().unwrap().to_owned()
}

async fn members(house: &House) -> Vec<Value> {
    let path = format!("/api/v1/families/{}", house.family);
    let shown = house.done(&Call::get(&path).bearer(&house.owner.token)).await;
    shown["members"].as_array().unwrap().clone()
}

fn start(update_id: u64, person: u64, code: &str) -> Value {
    json!({ "update_id": update_id, "message": {
        "message_id": 1, "date": 1, "text": format!("/start {code}"), "chat": { "id": person, "type": "private" },
        "from": { "id": person, "is_bot": false, "first_name": "Anna" },
    } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_joins_by_the_link_and_sees_the_wallets() {
    let house = House::start().await;
    let code = invite(&house, "adult").await;
    let anna = stranger(&house.world, 68_200_001, Some("en")).await;
    let said = answered(&house.world, anna, &format!("/start {code}")).await;
    assert!(said.starts_with("You are now in the family Olga's family, as: adult."), "{said}");
    let members = members(&house).await;
    let joined = members.iter().find(|member| member["name"] == "Anna").unwrap();
    assert_eq!(joined["role"], "adult", "{members:?}");
    assert!(answered(&house.world, anna, "/balance").await.contains("Main: 10000.00 EUR"));
    let again = answered(&house.world, anna, &format!("/start {}", invite(&house, "child").await)).await;
    assert_eq!(again, "You are in the family Olga's family already.");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_used_taken_back_expired_or_made_up_says_so() {
    let house = House::start().await;
    let used = invite(&house, "member").await;
    let first = stranger(&house.world, 68_300_001, Some("en")).await;
    answered(&house.world, first, &format!("/start {used}")).await;
    let path = format!("/api/v1/families/{}/invitations", house.family);
    let invited = house.done(&Call::post(&path, &json!({ "role": "child" })).bearer(&house.owner.token)).await;
    house.done(&Call::delete(&format!("{path}/{}", invited["id"])).bearer(&house.owner.token)).await;
    let over = house.done(&Call::post(&path, &json!({ "role": "child" })).bearer(&house.owner.token)).await;
    house.is_over(&over).await;
    let second = stranger(&house.world, 68_300_002, Some("en")).await;
    let made_up = format!("inv_{}", "a".repeat(43));
    let texts = [&invited, &over].map(|invited| invited["code"].as_str().unwrap());
    for code in [used.as_str(), texts[0], texts[1], &made_up, "inv_short"] {
        let said = answered(&house.world, second, &format!("/start {code}")).await;
        assert!(said.starts_with("This invitation is not good any more"), "{said}");
    }
    let said = answered(&house.world, second, "/balance").await;
    assert!(said.starts_with("You are in no family yet."), "{said}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_deliveries_of_one_start_and_twenty_people_with_one_code_make_one_member() {
    let house = House::start().await;
    let before = members(&house).await.len();
    let anna = stranger(&house.world, 68_400_001, Some("en")).await;
    let update = start(981_000_001, anna, &invite(&house, "member").await);
    let again = json!({ "update": update, "times": 20, "parallel": true });
    control(&house.world, Method::POST, "/deliver", Some(&again)).await;
    control(&house.world, Method::POST, "/deliver", Some(&json!({ "update": update }))).await;
    let said = texts(&house.world, chat(anna)).await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("You are now in the family"), "{said:?}");
    assert_eq!(members(&house).await.len(), before + 1);
    let code = invite(&house, "member").await;
    let mut deliveries = Vec::new();
    for index in 0..20 {
        let person = stranger(&house.world, 68_500_001 + index, Some("en")).await;
        deliveries.push((person, start(981_100_001 + index, person, &code)));
    }
    for round in 0..2 {
        let all = deliveries.iter().map(async |(_, update)| {
            control(&house.world, Method::POST, "/deliver", Some(&json!({ "update": update }))).await
        });
        let told = futures_util::future::join_all(all).await;
        assert!(round == 0 || told.iter().all(|told| told["webhook_statuses"] == json!([200])), "{told:?}");
    }
    let mut joined = 0;
    for (person, _) in &deliveries {
        let said = texts(&house.world, chat(*person)).await;
        assert_eq!(said.len(), 1, "{said:?}");
        joined += usize::from(said[0].starts_with("You are now in the family"));
    }
    assert_eq!((joined, members(&house).await.len()), (1, before + 2));
    house.stop().await;
}
