//! Transactions over HTTP: entered, waiting, decided, reversed, foreseen, listed.

use countersign_testkit::Call;
use serde_json::{Value, json};

use super::house::House;

fn two_of(house: &House) -> (u64, u64) {
    let family = &house.world.system.demo().families[0];
    (family.wallets[0].id, family.wallets[1].id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_to_whoever_enters_is_to_the_letter() {
    let house = House::start().await;
    let (main, savings) = two_of(&house);
    let entered = house.done(&house.pay(&house.member, Some(main), Some(savings), "50.00")).await;
    let mut names: Vec<&str> = entered.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["amount", "confirmation_required", "created_at", "id", "status"]);
    assert_eq!((entered["status"].as_str(), entered["amount"].as_str()), (Some("executed"), Some("50.00")));
    let waits = house.waiting(main, "500.01").await;
    let confirm = Call::post(&format!("/api/v1/transactions/{waits}/confirm"), &json!({ "confirmation_token": null }));
    let confirmed = house.done(&confirm.bearer(&house.owner.token)).await;
    assert_eq!(confirmed["status"], "executed");
    assert!(confirmed["executed_at"].is_string() && confirmed.as_object().unwrap().len() == 3, "{confirmed}");
    let reversed = house.done(&house.reverse(entered["id"].as_u64().unwrap())).await;
    assert_eq!(reversed["original_transaction_id"], entered["id"]);
    assert!(reversed["reversed_at"].is_string() && reversed.as_object().unwrap().len() == 3, "{reversed}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn income_comes_from_outside_and_an_expense_goes_there() {
    let house = House::start().await;
    let wallet = house.wallet("0.00").await;
    let refused = house.world.send(&house.pay(&house.member, None, Some(wallet), "10.00")).await;
    assert_eq!(refused.status, 403, "a member enters no income");
    house.done(&house.pay(&house.owner, None, Some(wallet), "9000.00")).await;
    house.done(&house.pay(&house.member, Some(wallet), None, "0.01")).await;
    assert_eq!(house.balance(wallet).await, (899_999, 899_999));
    let list = format!("/api/v1/transactions?family_id={}&wallet_id={wallet}", house.family);
    let page = house.done(&Call::get(&list).bearer(&house.member.token)).await;
    let kinds: Vec<&str> =
        page["transactions"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["expense", "income"], "newest first");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_happen_is_said_and_nothing_happens() {
    let house = House::start().await;
    let (main, _) = two_of(&house);
    let before = house.balance(main).await;
    let dry = |amount: &str| {
        let body = json!({ "family_id": house.family, "from_wallet_id": main, "amount": amount, "dry_run": true });
        Call::post("/api/v1/transactions", &body).bearer(&house.member.token)
    };
    let small = house.done(&dry("500.00")).await;
    assert_eq!((small["status"].as_str(), small["approvers"].as_array().map(Vec::len)), (Some("executed"), Some(0)));
    let large = house.done(&dry("500.01")).await;
    assert_eq!(
        (large["status"].as_str(), large["available_after"].as_str()),
        (Some("pending_approval"), Some("9499.99"))
    );
    assert_eq!(large["approvers"][0]["name"], "Olga", "{large}");
    assert_eq!(large["reasons"], json!(["more than 500.00 EUR needs approval"]));
    assert_eq!(house.world.send(&dry("10000.01")).await.status, 409);
    assert_eq!(house.balance(main).await, before);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_replays_the_first_answer_and_moves_the_money_once() {
    let house = House::start().await;
    let (main, savings) = two_of(&house);
    let pay = |amount: &str| house.pay(&house.member, Some(main), Some(savings), amount).idempotent("rent-11");
    let (first, again) = (house.world.send(&pay("70.00")).await, house.world.send(&pay("70.00")).await);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!((first.text(), again.header("idempotent-replayed")), (again.text(), Some("true")));
    assert_eq!(house.world.send(&pay("71.00")).await.status, 422);
    assert_eq!(house.balance(savings).await.0, 7_000);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_or_withdrawn_payment_frees_what_it_held() {
    let house = House::start().await;
    let (main, _) = two_of(&house);
    let before = house.balance(main).await;
    let rejected = house.waiting(main, "600.00").await;
    let withdrawn = house.waiting(main, "700.00").await;
    assert_eq!(house.balance(main).await, (before.0, before.1 - 130_000));
    let refused = house.world.send(&house.decide(&house.owner, withdrawn, "cancel")).await;
    assert_eq!(refused.status, 403, "only whoever entered it takes it back");
    house.done(&house.decide(&house.owner, rejected, "reject")).await;
    house.done(&house.decide(&house.member, withdrawn, "cancel")).await;
    assert_eq!(house.balance(main).await, before);
    assert_eq!(
        (house.ended(rejected).await.as_str(), house.ended(withdrawn).await.as_str()),
        ("rejected", "cancelled")
    );
    for id in [rejected, withdrawn] {
        let late = house.world.send(&house.decide(&house.owner, id, "confirm")).await;
        assert_eq!(late.status, 409, "{}", late.text());
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_approves_their_own_not_even_the_owner() {
    let house = House::start().await;
    let (main, _) = two_of(&house);
    let own = house.done(&house.pay(&house.owner, Some(main), None, "600.00")).await;
    assert_eq!(own["status"], "pending_approval");
    let id = own["id"].as_u64().unwrap();
    assert_eq!(house.world.send(&house.decide(&house.owner, id, "confirm")).await.status, 403);
    let adult = house.world.newcomer().await;
    let invitations = format!("/api/v1/families/{}/invitations", house.family);
    let invited = house.done(&Call::post(&invitations, &json!({ "role": "adult" })).bearer(&house.owner.token)).await;
    let accept = Call::post("/api/v1/invitations/accept", &json!({ "code": invited["code"] }));
    house.done(&accept.bearer(&adult.access_token)).await;
    let confirm = Call::post(&format!("/api/v1/transactions/{id}/confirm"), &json!({})).bearer(&adult.access_token);
    assert_eq!(house.done(&confirm).await["status"], "executed");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reversal_over_the_threshold_waits_and_may_be_tried_again() {
    let house = House::start().await;
    let (main, _) = two_of(&house);
    let paid = house.waiting(main, "800.00").await;
    house.done(&house.decide(&house.owner, paid, "confirm")).await;
    let adult = join(&house, "adult").await;
    let waits = house.world.send(&house.reverse(paid)).await;
    assert_eq!((waits.status, waits.json()["status"].as_str()), (202, Some("pending_approval")), "{}", waits.text());
    assert_eq!(house.world.send(&house.reverse(paid)).await.status, 409, "one reversal waits already");
    let reversal = waits.json()["reversal_transaction_id"].as_u64().unwrap();
    house.done(&decide(&adult, reversal, "reject")).await;
    assert_eq!(house.ended(paid).await, "executed");
    let reversal = house.done(&house.reverse(paid)).await["reversal_transaction_id"].as_u64().unwrap();
    house.done(&decide(&adult, reversal, "confirm")).await;
    assert_eq!((house.ended(paid).await.as_str(), house.balance(main).await.0), ("reversed", 1_000_000));
    let shown = house.transaction(reversal).await;
    assert_eq!((&shown["reverses"], shown["reason"].as_str()), (&json!(paid), Some("Brought back")));
    house.stop().await;
}

async fn join(house: &House, role: &str) -> String {
    let invitations = format!("/api/v1/families/{}/invitations", house.family);
    let invited = house.done(&Call::post(&invitations, &json!({ "role": role })).bearer(&house.owner.token)).await;
    let joiner = house.world.newcomer().await;
    let accept = Call::post("/api/v1/invitations/accept", &json!({ "code": invited["code"] }));
    house.done(&accept.bearer(&joiner.access_token)).await;
    joiner.access_token
}

fn decide(token: &str, id: u64, how: &str) -> Call {
    Call::post(&format!("/api/v1/transactions/{id}/{how}"), &json!({})).bearer(token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_by_role_wallet_category_and_window_decide() {
    let house = House::start().await;
    let (main, savings) = two_of(&house);
    let category = house.world.system.demo().families[0].categories[0].id;
    let rules = json!({ "rules": [
        { "role": "child", "limit": "0.00" },
        { "wallet_id": savings, "limit": null },
        { "category_id": category, "limit": "20.00" },
        { "role": "member", "window_days": 7, "limit": "100.00" },
    ] });
    let family = format!("/api/v1/families/{}", house.family);
    house.done(&Call::new("PATCH", &family).json(&rules).bearer(&house.owner.token)).await;
    let child = join(&house, "child").await;
    let status = async |token: &str, from: u64, category: Option<u64>, amount: &str| {
        let body =
            json!({ "family_id": house.family, "from_wallet_id": from, "amount": amount, "category_id": category });
        house.done(&Call::post("/api/v1/transactions", &body).bearer(token)).await["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (owner, member) = (&house.owner.token, &house.member.token);
    house.done(&house.pay(&house.owner, None, Some(savings), "3000.00")).await;
    assert_eq!(status(&child, main, None, "0.01").await, "pending_approval");
    assert_eq!(status(owner, savings, None, "1000.00").await, "executed", "the wallet has no threshold");
    assert_eq!(status(owner, main, Some(category), "20.01").await, "pending_approval");
    assert_eq!(status(member, main, None, "60.00").await, "executed");
    assert_eq!(status(member, main, None, "40.00").await, "executed");
    assert_eq!(status(member, main, None, "0.01").await, "pending_approval", "split, it counts together");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credit_goes_as_far_below_zero_as_its_limit() {
    let house = House::start().await;
    let body = json!({ "family_id": house.family, "name": "Card", "type": "credit", "credit_limit": "100.00" });
    let credit = house.done(&Call::post("/api/v1/wallets", &body).bearer(&house.owner.token)).await;
    let id = credit["id"].as_u64().unwrap();
    assert_eq!((credit["balance"].as_str(), credit["available"].as_str()), (Some("0.00"), Some("100.00")));
    house.done(&house.pay(&house.member, Some(id), None, "100.00")).await;
    let over = house.world.send(&house.pay(&house.member, Some(id), None, "0.01")).await;
    assert_eq!((over.status, over.json()["available"].as_str()), (409, Some("0.00")));
    assert_eq!(house.balance(id).await, (-10_000, 0));
    let cash = json!({ "family_id": house.family, "name": "Purse", "type": "cash", "credit_limit": "1.00" });
    assert_eq!(house.world.send(&Call::post("/api/v1/wallets", &cash).bearer(&house.owner.token)).await.status, 400);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn currencies_are_never_mixed() {
    let house = House::start().await;
    let (main, _) = two_of(&house);
    let wallet = |currency: &str| {
        let body = json!({ "family_id": house.family, "name": currency, "type": "cash", "currency": currency });
        Call::post("/api/v1/wallets", &body).bearer(&house.owner.token)
    };
    let yen = house.done(&wallet("JPY")).await;
    assert_eq!(yen["balance"], "0");
    let yen = yen["id"].as_u64().unwrap();
    let mixed = house.world.send(&house.pay(&house.owner, Some(main), Some(yen), "1")).await;
    assert_eq!(mixed.status, 400, "{}", mixed.text());
    assert_eq!(house.world.send(&house.pay(&house.owner, None, Some(yen), "1.5")).await.status, 400);
    house.done(&house.pay(&house.owner, None, Some(yen), "500")).await;
    let foreign = house.done(&house.pay(&house.member, Some(yen), None, "1")).await;
    assert_eq!(foreign["status"], "pending_approval", "the threshold is in euros");
    assert_eq!(house.world.send(&wallet("XAU")).await.status, 400);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_paged_and_narrowed() {
    let house = House::start().await;
    let (main, savings) = two_of(&house);
    for _ in 0..7 {
        house.done(&house.pay(&house.member, Some(main), Some(savings), "1.00")).await;
    }
    let waits = house.waiting(main, "600.00").await;
    let list = async |more: &str| {
        let path = format!("/api/v1/transactions?family_id={}{more}", house.family);
        house.done(&Call::get(&path).bearer(&house.member.token)).await
    };
    let ids = |page: &Value| -> Vec<u64> {
        page["transactions"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
    };
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(&format!("&wallet_id={main}&limit=3{cursor}")).await;
        assert!(ids(&page).len() <= 3);
        seen.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 9, "seven, one that waits, and the opening balance");
    assert!(seen.is_sorted_by(|one, other| one > other), "{seen:?}");
    assert_eq!(ids(&list("&status=pending_approval").await), [waits]);
    assert_eq!(ids(&list("&status=executed&limit=2").await).len(), 2);
    assert_eq!(ids(&list("&to=2026-01-01T00:00:00Z").await), Vec::<u64>::new());
    assert_eq!(ids(&list("&from=2026-01-01T00:00:00Z").await).len(), 9);
    for bad in ["&status=odd", "&from=yesterday", "&cursor=!", "&limit=0", "&wallet_id=1&category_id=2"] {
        let path = format!("/api/v1/transactions?family_id={}{bad}", house.family);
        assert_eq!(house.world.send(&Call::get(&path).bearer(&house.member.token)).await.status, 400, "{bad}");
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_is_told_in_order_and_proved() {
    let house = House::start().await;
    let (main, _) = two_of(&house);
    let waits = house.waiting(main, "600.00").await;
    house.done(&house.decide(&house.owner, waits, "confirm")).await;
    let events = format!("/api/v1/events?family_id={}&limit=2", house.family);
    assert_eq!(house.world.send(&Call::get(&events).bearer(&house.member.token)).await.status, 403);
    let page = house.done(&Call::get(&events).bearer(&house.owner.token)).await;
    let kinds: Vec<&str> = page["events"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["transaction.executed", "transaction.pending"]);
    let event = &page["events"][0];
    assert_eq!((&event["data"]["transaction_id"], event["data"]["amount"].as_str()), (&json!(waits), Some("600.00")));
    assert_eq!(event["previous"], page["events"][1]["hash"]);
    let verify = Call::get(&format!("/api/v1/events/verify?family_id={}", house.family)).bearer(&house.owner.token);
    let proof = house.done(&verify).await;
    assert_eq!((&proof["valid"], &proof["complete"], &proof["hash"]), (&json!(true), &json!(true), &event["hash"]));
    change_event(&house, event["seq"].as_u64().unwrap() - 1).await;
    let proof = house.done(&verify).await;
    assert_eq!((&proof["valid"], &proof["broken_at"]), (&json!(false), &json!(event["seq"].as_u64().unwrap() - 1)));
    // What is proved is named with its own hash: whoever keeps it keeps the right one.
    assert_eq!(proof["verified_to"], event["seq"].as_u64().unwrap() - 2);
    assert_eq!(proof["hash"], page["events"][1]["previous"], "{proof}");
    house.stop().await;
}

/// Whoever can write the table changes an amount in the log.
async fn change_event(house: &House, seq: u64) {
    use aws_sdk_dynamodb::types::AttributeValue;
    let client = aws_sdk_dynamodb::Client::new(&house.world.system.sdk_config());
    let text = |text: String| AttributeValue::S(text);
    let (pk, sk) = (text(format!("FAMILY#{}", house.family)), text(format!("EVENT#{seq:016}")));
    let table = &house.world.system.demo().table_name;
    let found = client.get_item().table_name(table).key("pk", pk.clone()).key("sk", sk.clone()).send().await.unwrap();
    let body = found.item.unwrap()["body"].as_s().unwrap().replace("600.00", "6.00");
    let update = client.update_item().table_name(table).key("pk", pk).key("sk", sk);
    let update = update.update_expression("SET body = :body").expression_attribute_values(":body", text(body));
    update.send().await.unwrap();
}
