//! Goals: set, saved for, forecast; a transfer is put aside once.

use countersign_testkit::Call;
use serde_json::{Value, json};

use super::{
    house::{House, Member},
    planned::{demo_id, refused, spend, stranger},
};

fn set(house: &House, who: &Member, body: &Value) -> Call {
    let mut whole = json!({ "family_id": house.family, "name": "Bicycle", "target": "1000.00" });
    for (name, value) in body.as_object().unwrap() {
        whole[name] = value.clone();
    }
    Call::post("/api/v1/goals", &whole).bearer(&who.token)
}

async fn goal(house: &House) -> u64 {
    house.done(&set(house, &house.owner, &json!({}))).await["id"].as_u64().unwrap()
}

fn put_aside(who: &Member, goal: u64, body: &Value) -> Call {
    Call::post(&format!("/api/v1/goals/{goal}/contributions"), body).bearer(&who.token)
}

fn change(who: &Member, goal: u64, body: &Value) -> Call {
    Call::new("PATCH", &format!("/api/v1/goals/{goal}")).json(body).bearer(&who.token)
}

fn list(house: &House, who: &Member) -> Call {
    Call::get(&format!("/api/v1/goals?family_id={}", house.family)).bearer(&who.token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_goal_tells_how_far_it_is_and_when_it_will_be_there() {
    let house = House::start().await;
    let new = house.done(&set(&house, &house.owner, &json!({ "due_on": "2099-01-31" }))).await;
    assert_eq!((&new["percent"], &new["reached_on"], &new["on_track"]), (&json!(0), &Value::Null, &json!(false)));
    let id = new["id"].as_u64().unwrap();
    let quarter = house.done(&put_aside(&house.member, id, &json!({ "amount": "250.00" }))).await;
    assert_eq!(
        (&quarter["contributed"], &quarter["missing"], &quarter["percent"]),
        (&json!("250.00"), &json!("750.00"), &json!(25))
    );
    // A quarter on the first day: the rest in three.
    assert!(quarter["reached_on"].as_str().unwrap() < "2099-01-31" && quarter["on_track"] == true, "{quarter}");
    let less = house.done(&put_aside(&house.member, id, &json!({ "amount": 50, "take_back": true }))).await;
    assert_eq!(less["contributed"], "200.00");
    refused(&house, &put_aside(&house.member, id, &json!({ "amount": "200.01", "take_back": true })), 409).await;
    let renamed = json!({ "name": "Cargo bicycle", "target": "200.00", "due_on": null });
    let done = house.done(&change(&house.owner, id, &renamed)).await;
    assert_eq!(
        (&done["name"], &done["percent"], &done["due_on"]),
        (&json!("Cargo bicycle"), &json!(100), &Value::Null)
    );
    let listed = house.done(&list(&house, &house.member)).await;
    assert_eq!(listed["goals"], json!([done]));
    house.done(&Call::delete(&format!("/api/v1/goals/{id}")).bearer(&house.owner.token)).await;
    assert_eq!(house.done(&list(&house, &house.member)).await["goals"], json!([]));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_is_put_aside_once() {
    let house = House::start().await;
    let (main, savings) = (demo_id(&house, "/wallets/0/id"), demo_id(&house, "/wallets/1/id"));
    let (one, other) = (goal(&house).await, goal(&house).await);
    let moved = house.done(&house.pay(&house.owner, Some(main), Some(savings), "120.00")).await;
    let linked = json!({ "transaction_id": moved["id"] });
    let shown = house.done(&put_aside(&house.member, one, &linked)).await;
    assert_eq!(shown["contributed"], "120.00");
    for goal in [one, other] {
        refused(&house, &put_aside(&house.member, goal, &linked), 409).await;
    }
    let spent = house.done(&spend(&house, &house.owner, main, None, "1.00")).await;
    refused(&house, &put_aside(&house.member, one, &json!({ "transaction_id": spent["id"] })), 409).await;
    let reversed = house.done(&house.pay(&house.owner, Some(main), Some(savings), "5.00")).await;
    house.done(&house.reverse(reversed["id"].as_u64().unwrap())).await;
    refused(&house, &put_aside(&house.member, one, &json!({ "transaction_id": reversed["id"] })), 409).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_transfer_put_aside_is_taken_back_with_it() {
    let house = House::start().await;
    let (main, savings) = (demo_id(&house, "/wallets/0/id"), demo_id(&house, "/wallets/1/id"));
    let (id, adult) = (goal(&house).await, house.joined("adult").await);
    let contributed = async || house.done(&list(&house, &house.owner)).await["goals"][0]["contributed"].clone();
    let put = async |amount: &str| {
        let moved = house.done(&house.pay(&house.member, Some(main), Some(savings), amount)).await;
        let moved = moved["id"].as_u64().unwrap();
        if house.ended(moved).await == "pending_approval" {
            house.done(&house.decide(&house.owner, moved, "confirm")).await;
        }
        house.done(&put_aside(&house.member, id, &json!({ "transaction_id": moved }))).await;
        moved
    };
    let (small, large) = (put("100.00").await, put("600.00").await);
    assert_eq!(contributed().await, "700.00");
    house.done(&house.reverse(small)).await;
    assert_eq!(contributed().await, "600.00");
    // A reversal that waits takes nothing back until it is executed.
    let waits = house.done(&house.reverse(large)).await["reversal_transaction_id"].as_u64().unwrap();
    assert_eq!(contributed().await, "600.00");
    house.done(&put_aside(&house.member, id, &json!({ "amount": "150.00", "take_back": true }))).await;
    house.done(&house.decide(&adult, waits, "confirm")).await;
    assert_eq!(contributed().await, "0.00", "no more than was left");
    // What comes out of savings puts nothing aside.
    let back = house.done(&house.pay(&house.owner, None, Some(savings), "50.00")).await;
    refused(&house, &put_aside(&house.member, id, &json!({ "transaction_id": back["id"] })), 409).await;
    let out = house.done(&house.pay(&house.owner, Some(savings), Some(main), "50.00")).await;
    let said = refused(&house, &put_aside(&house.member, id, &json!({ "transaction_id": out["id"] })), 409).await;
    assert_eq!(said["detail"], "Only a transfer into a savings wallet is put aside");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_contributions_at_once_are_all_there() {
    let house = House::start().await;
    let id = goal(&house).await;
    let mut running = tokio::task::JoinSet::new();
    for place in 0..50 {
        let call = put_aside(&house.member, id, &json!({ "amount": "1.01" })).idempotent(&format!("goal-{place}"));
        let client = house.client();
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
    let again = put_aside(&house.member, id, &json!({ "amount": "1.01" })).idempotent("goal-7");
    assert_eq!(house.world.send(&again).await.header("idempotent-replayed"), Some("true"));
    let shown = house.done(&list(&house, &house.owner)).await["goals"][0].clone();
    assert_eq!((&shown["contributed"], &shown["contributions"]), (&json!("50.50"), &json!(50)), "{shown}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_goal_is_said() {
    let house = House::start().await;
    let id = goal(&house).await;
    for bad in [
        json!({ "name": "" }),
        json!({ "name": "x".repeat(65) }),
        json!({ "target": "0" }),
        json!({ "target": "1.001" }),
        json!({ "due_on": "2027-02-30" }),
        json!({ "currency": "XXX" }),
    ] {
        refused(&house, &set(&house, &house.owner, &bad), 400).await;
    }
    for bad in [json!({}), json!({ "amount": "1", "transaction_id": 5 }), json!({ "amount": "-1" })] {
        refused(&house, &put_aside(&house.member, id, &bad), 400).await;
    }
    refused(&house, &put_aside(&house.member, id, &json!({ "transaction_id": 5 })), 404).await;
    refused(&house, &set(&house, &house.member, &json!({})), 403).await;
    refused(&house, &change(&house.member, id, &json!({ "name": "Mine" })), 403).await;
    let other = stranger(&house);
    for hidden in [
        set(&house, &other, &json!({})),
        list(&house, &other),
        change(&other, id, &json!({ "name": "Mine" })),
        put_aside(&other, id, &json!({ "amount": "1.00" })),
        Call::delete(&format!("/api/v1/goals/{id}")).bearer(&other.token),
        change(&house.owner, 99, &json!({})),
    ] {
        refused(&house, &hidden, 404).await;
    }
    let gone = Call::delete(&format!("/api/v1/goals/{id}")).bearer(&house.owner.token).idempotent("gone");
    house.done(&gone).await;
    assert_eq!(house.world.send(&gone).await.header("idempotent-replayed"), Some("true"));
    house.stop().await;
}
