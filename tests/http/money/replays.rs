//! A key is answered once: a refusal by how things stand is its last word like a success, and both are found before all else.

use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

use super::{
    house::{House, Member},
    planned::demo_id,
};

/// It is the same answer, and says that it is a replay.
#[track_caller]
fn is_again(first: &Answer, again: &Answer) {
    assert_eq!((first.status, first.text()), (again.status, again.text()));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    assert_eq!(first.header("content-type"), again.header("content-type"));
}

async fn twice(house: &House, call: &Call) -> Answer {
    let (first, again) = (house.world.send(call).await, house.world.send(call).await);
    is_again(&first, &again);
    first
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_failed_for_want_of_money_has_failed() {
    let house = House::start().await;
    let wallet = house.wallet("5.00").await;
    let pay = |key: &str| house.pay(&house.member, Some(wallet), None, "10.00").idempotent(key);
    let first = house.world.send(&pay("book")).await;
    assert_eq!((first.status, &first.json()["available"]), (409, &json!("5.00")), "{}", first.text());
    house.done(&house.pay(&house.owner, None, Some(wallet), "50.00")).await;
    is_again(&first, &house.world.send(&pay("book")).await);
    let other_body = house.pay(&house.member, Some(wallet), None, "1.00").idempotent("book");
    assert_eq!(house.world.send(&other_body).await.status, 422);
    assert_eq!(house.balance(wallet).await.0, 5_500, "nothing was paid");
    house.done(&pay("another")).await;
    assert_eq!(house.balance(wallet).await.0, 4_500);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_decided_or_reversed_already_is_refused_once_for_a_key() {
    let house = House::start().await;
    let main = demo_id(&house, "/wallets/0/id");
    let (decided, over) = (house.waiting(main, "600.00").await, house.waiting(main, "601.00").await);
    house.done(&house.decide(&house.owner, decided, "confirm")).await;
    house.ends_in(over, 0).await;
    house.expire(over).await;
    let paid = house.done(&house.pay(&house.member, Some(main), None, "1.00")).await["id"].as_u64().unwrap();
    house.done(&house.reverse(paid)).await;
    for (number, (call, status)) in [
        (house.decide(&house.owner, decided, "confirm"), "executed"),
        (house.decide(&house.owner, decided, "reject"), "executed"),
        (house.decide(&house.member, decided, "cancel"), "executed"),
        (house.decide(&house.owner, over, "confirm"), "expired"),
        (house.reverse(paid), "reversed"),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = twice(&house, &call.idempotent(&format!("late-{number}"))).await;
        assert_eq!(
            (refused.status, &refused.json()["transaction_status"]),
            (409, &json!(status)),
            "{}",
            refused.text()
        );
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_request_and_what_would_happen_are_not_kept() {
    let house = House::start().await;
    let wallet = house.wallet("5.00").await;
    // 403: a member enters no income, until they are an adult.
    let income = house.pay(&house.member, None, Some(wallet), "7.00").idempotent("income");
    assert_eq!(house.world.send(&income).await.status, 403);
    let member = house.world.system.demo().families[0].member.user_id;
    let path = format!("/api/v1/families/{}/members/{member}", house.family);
    house.done(&Call::new("PATCH", &path).json(&json!({ "role": "adult" })).bearer(&house.owner.token)).await;
    // 409 of what would happen.
    let body = json!({ "family_id": house.family, "from_wallet_id": wallet, "amount": "12.00", "dry_run": true });
    let dry = Call::post("/api/v1/transactions", &body).bearer(&house.member.token).idempotent("dry");
    assert_eq!(house.world.send(&dry).await.status, 409);
    let done = house.world.send(&income).await;
    assert_eq!((done.status, done.header("idempotent-replayed")), (201, None), "{}", done.text());
    assert_eq!(house.done(&dry).await["status"], "executed");
    // 404, and 400.
    for bad in [json!({ "category_id": 99 }), json!({ "amount": "1.001" })] {
        let mut body = json!({ "family_id": house.family, "from_wallet_id": wallet, "amount": "1.00" });
        body.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        let call = Call::post("/api/v1/transactions", &body).bearer(&house.member.token).idempotent("bad");
        for answer in [house.world.send(&call).await, house.world.send(&call).await] {
            assert!(matches!(answer.status, 400 | 404), "{}", answer.text());
            assert_eq!(answer.header("idempotent-replayed"), None);
        }
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_left_gets_the_answer_again() {
    let house = House::start().await;
    let leaves = house.world.system.demo().families[0].member.user_id;
    let path = format!("/api/v1/families/{}/members/{leaves}", house.family);
    let leave = Call::delete(&path).bearer(&house.member.token);
    assert_eq!(twice(&house, &leave.clone().idempotent("leave")).await.status, 200);
    assert_eq!(house.world.send(&leave.idempotent("another")).await.status, 404);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_invitation_that_fits_is_shown_again() {
    let house = House::start().await;
    let path = format!("/api/v1/families/{}/invitations", house.family);
    let invite = |who: &Member, key: usize| {
        Call::post(&path, &json!({ "role": "child" })).bearer(&who.token).idempotent(&format!("invite-{key}"))
    };
    for key in 1..20 {
        house.done(&invite(&house.owner, key)).await;
    }
    assert_eq!(twice(&house, &invite(&house.owner, 20)).await.status, 201);
    let full = twice(&house, &invite(&house.owner, 21)).await;
    assert_eq!((full.status, full.json()["code"].clone()), (409, Value::Null), "{}", full.text());
    house.stop().await;
}
