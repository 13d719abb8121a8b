//! Fifty at once: whoever is first wins, and everybody else is told so.

use std::collections::BTreeMap;

use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::house::{House, minor};
use crate::bank::proxy::{Fault, Proxy};

/// How many race.
const RACERS: usize = 50;
/// How often one who is told to come again does: a machine that builds something else has little time for fifty at once.
const AGAIN: u32 = 5;

/// Sends all of them at once, each with a key of its own; the answers in the order of the calls. Who is told to come again
/// comes again, with the same key.
async fn race(house: &House, calls: Vec<Call>) -> Vec<Answer> {
    let mut running = JoinSet::new();
    for (place, call) in calls.into_iter().enumerate() {
        let client = house.client();
        let call = call.idempotent(&format!("race-{place}-{}", fastrand::u64(..)));
        running.spawn(async move {
            let mut answer = client.send(&call).await.unwrap();
            for _ in 0..AGAIN {
                if answer.status != 503 {
                    break;
                }
                answer = client.send(&call).await.unwrap();
            }
            (place, answer)
        });
    }
    let mut answers = running.join_all().await;
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut counted = BTreeMap::new();
    for answer in answers {
        *counted.entry(answer.status).or_default() += 1;
    }
    counted
}

/// One of them was done; all others are conflicts that say how it stands.
#[track_caller]
fn one_won(answers: &[Answer], done: u16) {
    let expected = BTreeMap::from([(done, 1), (409, answers.len() - 1)]);
    let said = answers.iter().find(|answer| answer.status != done).map(Answer::text);
    assert_eq!(statuses(answers), expected, "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_spend_the_last_unit_and_one_has_it() {
    let house = House::start().await;
    let wallet = house.wallet("0.01").await;
    let spend = || house.pay(&house.member, Some(wallet), None, "0.01");
    let answers = race(&house, (0..RACERS).map(|_| spend()).collect()).await;
    one_won(&answers, 201);
    let refused = answers.iter().find(|answer| answer.status == 409).unwrap().json();
    assert_eq!(refused["available"], "0.00", "{refused}");
    assert_eq!(house.balance(wallet).await, (0, 0));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_hold_what_is_there_for_one() {
    let house = House::start().await;
    let wallet = house.wallet("1000.00").await;
    let hold = || house.pay(&house.member, Some(wallet), None, "600.00");
    let answers = race(&house, (0..RACERS).map(|_| hold()).collect()).await;
    one_won(&answers, 201);
    assert_eq!(house.balance(wallet).await, (100_000, 40_000));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_confirmations_execute_once() {
    let house = House::start().await;
    let wallet = house.wallet("1000.00").await;
    let id = house.waiting(wallet, "600.00").await;
    let answers = race(&house, (0..RACERS).map(|_| house.decide(&house.owner, id, "confirm")).collect()).await;
    one_won(&answers, 200);
    let refused = answers.iter().find(|answer| answer.status == 409).unwrap();
    assert!(refused.field("detail").contains("executed already"), "{}", refused.text());
    assert_eq!(house.balance(wallet).await, (40_000, 40_000));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirm_reject_and_cancel_at_once_have_one_outcome() {
    let house = House::start().await;
    let mut won = BTreeMap::new();
    for _ in 0..6 {
        let wallet = house.wallet("1000.00").await;
        let id = house.waiting(wallet, "600.00").await;
        let mut calls = Vec::new();
        for _ in 0..RACERS / 5 {
            calls.push(house.decide(&house.owner, id, "confirm"));
            calls.push(house.decide(&house.owner, id, "reject"));
            calls.push(house.decide(&house.member, id, "cancel"));
        }
        fastrand::shuffle(&mut calls);
        let answers = race(&house, calls).await;
        one_won(&answers, 200);
        let winner = answers.iter().find(|answer| answer.status == 200).unwrap().field("status");
        let expected = if winner == "executed" { (40_000, 40_000) } else { (100_000, 100_000) };
        assert_eq!(house.balance(wallet).await, expected, "{winner}");
        assert_eq!(house.transaction(id).await["status"], winner.as_str());
        *won.entry(winner).or_insert(0) += 1;
    }
    println!("{won:?}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_at_the_last_moment_executes_or_finds_it_expired() {
    let house = House::start().await;
    let mut seen = BTreeMap::new();
    for round in 0..6 {
        let wallet = house.wallet("1000.00").await;
        let id = house.waiting(wallet, "600.00").await;
        // Its end comes while the confirmations do.
        house.ends_in(id, 50 << round).await;
        let mut calls: Vec<Call> = (0..RACERS / 2).map(|_| house.decide(&house.owner, id, "confirm")).collect();
        calls.extend((0..RACERS / 4).map(|_| house.decide(&house.owner, id, "reject")));
        let (answers, ()) = tokio::join!(race(&house, calls), house.expire(id));
        let winners: Vec<String> =
            answers.iter().filter(|answer| answer.status == 200).map(|answer| answer.field("status")).collect();
        house.expire(id).await;
        let status = house.ended(id).await;
        let expected = if status == "executed" { (40_000, 40_000) } else { (100_000, 100_000) };
        assert_eq!(house.balance(wallet).await, expected, "{status}");
        assert!(winners.len() <= 1, "{winners:?}");
        match winners.first() {
            Some(winner) => assert_eq!(*winner, status),
            None => assert_eq!(status, "expired"),
        }
        assert!(statuses(&answers).keys().all(|status| [200, 409].contains(status)), "{:?}", statuses(&answers));
        *seen.entry(status).or_insert(0) += 1;
    }
    println!("{seen:?}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_reversals_reverse_once() {
    let house = House::start().await;
    let wallet = house.wallet("100.00").await;
    let paid = house.done(&house.pay(&house.member, Some(wallet), None, "40.00")).await;
    let id = paid["id"].as_u64().unwrap();
    let answers = race(&house, (0..RACERS).map(|_| house.reverse(id)).collect()).await;
    one_won(&answers, 200);
    assert_eq!(house.balance(wallet).await, (10_000, 10_000));
    assert_eq!(house.transaction(id).await["status"], "reversed");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_fifty_times_is_one_payment_with_one_answer() {
    let house = House::start().await;
    let wallet = house.wallet("100.00").await;
    let call = house.pay(&house.member, Some(wallet), None, "1.00").idempotent("one-of-fifty");
    let mut running = JoinSet::new();
    for _ in 0..RACERS {
        let (client, call) = (house.client(), call.clone());
        running.spawn(async move { client.send(&call).await.unwrap() });
    }
    let answers = running.join_all().await;
    let bodies: Vec<Value> = answers.iter().map(Answer::json).collect();
    assert_eq!(statuses(&answers), BTreeMap::from([(201, RACERS)]), "{bodies:?}");
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    let first = answers.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count();
    assert_eq!(first, 1, "one of them was the first");
    assert_eq!(house.balance(wallet).await, (9_900, 9_900));
    house.stop().await;
}

/// Without an idempotency key: nothing but the SDK's own retry stands between the client and a second payment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_of_dynamodb_that_is_lost_after_the_commit_is_a_success_to_the_client() {
    let house = House::start().await;
    let wallet = house.wallet("2000.00").await;
    let proxy = Proxy::start(&house.world.system.demo().aws_endpoint_url, 1).await;
    let gateway = house.second_gateway(proxy.url()).await;
    let client = countersign_testkit::Client::new(gateway.base_url());
    let lost = async |call: Call, status: u16| {
        proxy.order(Fault::CutAfter, "TransactWriteItems");
        let before = proxy.struck(Fault::CutAfter);
        let answer = client.send(&call).await.unwrap();
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(proxy.struck(Fault::CutAfter), before + 1, "no answer was lost");
        answer.json()
    };
    let paid = lost(house.pay(&house.member, Some(wallet), None, "40.00"), 201).await;
    assert_eq!(paid["status"], "executed");
    assert_eq!(house.balance(wallet).await, (196_000, 196_000), "it is paid once");
    let held = lost(house.pay(&house.member, Some(wallet), None, "600.00"), 201).await;
    assert_eq!(house.balance(wallet).await, (196_000, 136_000), "it is held once");
    let id = held["id"].as_u64().unwrap();
    assert_eq!(lost(house.decide(&house.owner, id, "confirm"), 200).await["status"], "executed");
    assert_eq!(house.balance(wallet).await, (136_000, 136_000), "it is executed once");
    lost(house.reverse(paid["id"].as_u64().unwrap()), 200).await;
    assert_eq!(house.balance(wallet).await, (140_000, 140_000), "it is reversed once");
    gateway.stop().await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_wallets_that_pay_each_other_at_once_lose_nothing() {
    let house = House::start().await;
    let (one, other) = (house.wallet("100.00").await, house.wallet("100.00").await);
    let mut calls = Vec::new();
    for place in 0..RACERS {
        let (from, to) = if place % 2 == 0 { (one, other) } else { (other, one) };
        calls.push(house.pay(&house.member, Some(from), Some(to), "30.00"));
    }
    let answers = race(&house, calls).await;
    assert!(statuses(&answers).keys().all(|status| [201, 409].contains(status)), "{:?}", statuses(&answers));
    let (one, other) = (house.balance(one).await.0, house.balance(other).await.0);
    assert_eq!(one + other, 20_000);
    assert!(one >= 0 && other >= 0 && one % 1_000 == 0, "{one} and {other}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_at_once_fill_a_window_to_what_fits() {
    let house = House::start().await;
    let wallet = house.wallet("5000.00").await;
    house.done(&house.rules(&json!([{ "role": "member", "window_days": 7, "limit": "100.00" }]))).await;
    let pay = || house.pay(&house.member, Some(wallet), None, "15.00");
    let answers = race(&house, (0..20).map(|_| pay()).collect()).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, 20)]));
    let executed = answers.iter().filter(|answer| answer.field("status") == "executed").count();
    assert_eq!(executed, 6, "six times 15.00 fit into 100.00");
    assert_eq!(house.balance(wallet).await, (500_000 - 6 * 1_500, 500_000 - 20 * 1_500));
    house.stop().await;
}

#[test]
fn amounts_are_read_to_the_unit() {
    assert_eq!((minor(&json!("12.34")), minor(&json!("0.05"))), (1_234, 5));
}
