//! From the code to the bound account.

use std::{collections::BTreeSet, time::Duration};

use countersign_core::Moment;
use countersign_local_control::Fault;
use serde_json::json;

use super::{CONFIRM, MINI_APP, body, code, code_of_the_bot, confirm, unbound};
use crate::{
    telegram::{stranger, texts, until},
    world::{World, refused, text, unix_seconds},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_the_bot_binds_its_chat_to_the_account() {
    let world = World::start().await;
    let telegram_id = stranger(&world, 65_000_001, Some("ru")).await;
    let (user_id, token) = unbound(&world).await;
    let code = code_of_the_bot(&world, telegram_id).await;
    let (status, _, confirmed) = confirm(&world, &token, &code, telegram_id).await;
    assert_eq!((status.as_u16(), &confirmed["success"]), (200, &json!(true)), "{confirmed}");
    assert_eq!(confirmed["user_id"].as_u64(), Some(user_id));
    let expires_at = Moment::parse_rfc3339(&text(&confirmed, "expires_at")).unwrap().seconds();
    let lives = expires_at - i64::try_from(unix_seconds()).unwrap();
    assert!((890..=900).contains(&lives), "{lives}");
    // The new token and the mini-app mean the same person now; the old token means nobody.
    let new_token = text(&confirmed, "jwt_token");
    let session = world.session(&new_token, &json!({ "kind": "session_keys", "signer": "local" })).await;
    let tma = [("authorization", world.tma(telegram_id))];
    let (_, _, shown) = world.ask(reqwest::Method::GET, "/api/v1/signing-sessions", &tma, None).await;
    assert_eq!(shown["sessions"][0]["id"], session["id"], "{shown}");
    let (status, _, pair) = world.ask(reqwest::Method::POST, MINI_APP, &tma, Some(&json!({}))).await;
    assert_eq!((status.as_u16(), pair["user_id"].as_u64()), (200, Some(user_id)), "{pair}");
    assert_eq!(refused(&world.get("/api/v1/signing-sessions", Some(&token)).await, 404), "Unknown person");
    // The chat learns of it, in its language.
    let chat = i64::try_from(telegram_id).unwrap();
    let told = "Этот чат теперь привязан к вашему аккаунту на сайте.";
    until("the chat is told", async || texts(&world, chat).await.iter().any(|text| text == told).then_some(())).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_at_once_one_wins() {
    let world = World::start().await;
    let chat = 65_000_002;
    let code = code(&world, chat).await;
    let mut tokens = Vec::new();
    for _ in 0..5 {
        tokens.push(unbound(&world).await.1);
    }
    let all = (0..20).map(|number| confirm(&world, &tokens[number % 5], &code, chat));
    let answers = futures_util::future::join_all(all).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.0.as_u16() == 200).collect();
    assert_eq!(won.len(), 1);
    for lost in answers.iter().filter(|answer| answer.0.as_u16() != 200) {
        // Bad code; or no person at the old place any more, or a conflict with the winner's own twins.
        assert!(matches!(lost.0.as_u16(), 400 | 404 | 409 | 429), "{}", lost.2);
    }
    let person = world.system.store().facts(&wanted(chat)).await.unwrap().person.unwrap();
    assert_eq!(Some(person.user_id.get()), won[0].2["user_id"].as_u64());
    world.stop().await;
}

fn wanted(chat: u64) -> countersign_store::Wanted<'static> {
    let telegram_id = countersign_core::TelegramId::new(chat).unwrap();
    let subject = Some(countersign_core::Subject::Telegram(telegram_id));
    countersign_store::Wanted { subject, ..countersign_store::Wanted::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_bound_already_binds_the_same_again() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let token = &person.access_token;
    let (status, _, confirmed) =
        confirm(&world, token, &code(&world, person.telegram_id).await, person.telegram_id).await;
    assert_eq!((status.as_u16(), confirmed["user_id"].as_u64()), (200, Some(person.user_id)), "{confirmed}");
    let elsewhere = confirm(&world, token, &code(&world, 65_000_004).await, 65_000_004).await;
    assert_eq!(refused(&elsewhere, 409), "This account is bound to another Telegram account");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_given_again_to_the_letter() {
    let world = World::start().await;
    let chat = 65_000_005;
    let (_, token) = unbound(&world).await;
    let (code, key) = (code(&world, chat).await, ("idempotency-key", "bind-1".to_owned()));
    let headers = [("authorization", format!("Bearer {token}")), key];
    let ask = async |body| world.ask(reqwest::Method::POST, CONFIRM, &headers, Some(&body)).await;
    let (status, first_headers, first) = ask(body(&code, chat)).await;
    assert_eq!((status.as_u16(), first_headers.get("idempotent-replayed")), (200, None), "{first}");
    let (status, again_headers, again) = ask(body(&code, chat)).await;
    assert_eq!((status.as_u16(), &again), (200, &first));
    assert_eq!(again_headers.get("idempotent-replayed").unwrap(), "true");
    assert_eq!(ask(body("00000000", chat)).await.0.as_u16(), 422);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_of_a_wrong_form_are_refused() {
    let world = World::start().await;
    let (_, token) = unbound(&world).await;
    let mut told = BTreeSet::new();
    for bad in [
        json!({}),
        json!({ "code": "00000000" }),
        json!({ "code": 7, "chat_id": 7 }),
        json!({ "code": "00000000", "chat_id": -7 }),
        json!({ "code": "00000000", "chat_id": "7" }),
        json!({ "code": "00000000", "chat_id": 7, "username": "a".repeat(33) }),
        json!({ "code": "00000000", "chat_id": 7, "first_name": "a\u{7}" }),
    ] {
        told.insert(refused(&world.post(CONFIRM, Some(&token), &bad).await, 400));
    }
    assert!(told.contains("chat_id must be a person's own chat"), "{told:?}");
    refused(&super::start(&world, 0, &[]).await, 400);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_of_one_key_get_one_answer() {
    let world = World::start().await;
    let chat = 65_000_006;
    let (_, token) = unbound(&world).await;
    let code = code(&world, chat).await;
    let headers = [("authorization", format!("Bearer {token}")), ("idempotency-key", "bind-2".to_owned())];
    let ask = async || world.ask(reqwest::Method::POST, CONFIRM, &headers, Some(&body(&code, chat))).await;
    let answers = futures_util::future::join_all((0..4).map(|_| ask())).await;
    let given: BTreeSet<_> = answers.iter().map(|answer| answer.2.to_string()).collect();
    assert!(answers.iter().all(|answer| answer.0.as_u16() == 200) && given.len() == 1, "{given:?}");
    let replays = answers.iter().filter(|answer| answer.1.contains_key("idempotent-replayed")).count();
    assert_eq!(replays, 3);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_twin_that_is_refused_for_what_the_first_one_did_gets_its_answer() {
    let world = World::start().await;
    let chat = 65_000_007;
    let (_, token) = unbound(&world).await;
    let code = code(&world, chat).await;
    for _ in 0..4 {
        assert_eq!(refused(&confirm(&world, &token, "00000000", chat).await, 400), "Invalid or expired code");
    }
    let headers = [("authorization", format!("Bearer {token}")), ("idempotency-key", "bind-3".to_owned())];
    let ask = async || world.ask(reqwest::Method::POST, CONFIRM, &headers, Some(&body(&code, chat))).await;
    // The twin has read what it decides by, and waits before it counts its try, which is one too many then.
    let slow = Fault::delay(Duration::from_secs(2)).matching("DynamoDB_20120810.TransactWriteItems");
    world.system.aws().control().add_fault(slow);
    let first = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        ask().await
    };
    let (twin, first) = tokio::join!(ask(), first);
    assert_eq!((first.0.as_u16(), twin.0.as_u16()), (200, 200), "{} {}", first.2, twin.2);
    assert_eq!(first.2, twin.2);
    assert!(twin.1.contains_key("idempotent-replayed") && !first.1.contains_key("idempotent-replayed"));
    world.stop().await;
}
