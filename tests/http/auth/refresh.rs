//! Logins are renewed, listed and ended; a refresh token that is used twice ends its session.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_store::NamedPerson;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{LOGIN, REFRESH};
use crate::world::{Answered, World, text};

async fn logged_in(world: &World) -> Value {
    let person = world.named("kms");
    let body = json!({ "email": person.email, "password": person.password });
    let (status, _, pair) = world.post(LOGIN, None, &body).await;
    assert_eq!(status, StatusCode::OK, "{pair}");
    pair
}

async fn refresh(world: &World, pair: &Value) -> Answered {
    world.post(REFRESH, None, &json!({ "refresh_token": pair["refresh_token"] })).await
}

/// Lets so many seconds pass since the login was renewed last.
async fn pass(world: &World, pair: &Value, seconds: u64) {
    let login = text(pair, "refresh_token").split('_').nth(2).unwrap().parse::<u64>().unwrap();
    let at = (crate::world::unix_seconds() - seconds) * 1000;
    let pk = format!("SUBJECT#t:{}", world.named("kms").telegram_id);
    world.change(&pk, &format!("LOGIN#{login:016}"), "rotated_at", AttributeValue::N(at.to_string())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refresh_token_is_good_once() {
    let world = World::start().await;
    let first = logged_in(&world).await;
    let (status, headers, second) = refresh(&world, &first).await;
    assert_eq!((status, headers["cache-control"].to_str().unwrap()), (StatusCode::OK, "no-store"), "{second}");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(world.get("/api/v1/me", Some(&text(&second, "access_token"))).await.0, StatusCode::OK);
    let (_, _, third) = refresh(&world, &second).await;
    assert_eq!(refresh(&world, &third).await.0, StatusCode::OK);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_before_is_answered_alike_for_half_a_minute_and_then_ends_the_session() {
    let world = World::start().await;
    let first = logged_in(&world).await;
    let (_, _, second) = refresh(&world, &first).await;
    let (status, _, again) = refresh(&world, &first).await;
    assert_eq!((status, &again["refresh_token"]), (StatusCode::OK, &second["refresh_token"]), "two honest tabs");
    pass(&world, &first, 31).await;
    assert_eq!(refresh(&world, &first).await.0, StatusCode::UNAUTHORIZED, "somebody has a copy");
    assert_eq!(refresh(&world, &second).await.0, StatusCode::UNAUTHORIZED, "the session has ended for both");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_token_ends_the_session_at_once() {
    let world = World::start().await;
    let first = logged_in(&world).await;
    let (_, _, second) = refresh(&world, &first).await;
    let (_, _, third) = refresh(&world, &second).await;
    assert_eq!(refresh(&world, &first).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&world, &third).await.0, StatusCode::UNAUTHORIZED);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_uses_at_once_are_one_rotation() {
    let world = World::start().await;
    let first = logged_in(&world).await;
    let answers = futures_util::future::join_all((0..20).map(|_| refresh(&world, &first))).await;
    let good: Vec<&Value> =
        answers.iter().filter(|answer| answer.0 == StatusCode::OK).map(|answer| &answer.2).collect();
    assert!(!good.is_empty() && good.iter().all(|pair| pair["refresh_token"] == good[0]["refresh_token"]));
    assert!(answers.iter().all(|answer| [200, 503].contains(&answer.0.as_u16())), "nobody is logged out");
    assert_eq!(refresh(&world, good[0]).await.0, StatusCode::OK);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_token_of_ours_does_nothing() {
    let world = World::start().await;
    let first = logged_in(&world).await;
    let token = text(&first, "refresh_token");
    let (head, random) = token.split_at(token.len() - 43);
    let flipped: String = random.chars().rev().collect();
    for bad in
        [String::new(), "csr_1_1_x".into(), format!("{head}{flipped}"), format!("{token}x"), token.replace("csr_", "")]
    {
        let (status, _, problem) = world.post(REFRESH, None, &json!({ "refresh_token": bad })).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{bad}: {problem}");
    }
    assert_eq!(refresh(&world, &first).await.0, StatusCode::OK, "a forgery ends nobody's session");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logins_are_listed_and_ended() {
    let world = World::start().await;
    let (one, other) = (logged_in(&world).await, logged_in(&world).await);
    let token = text(&one, "access_token");
    let (_, _, list) = world.get("/api/v1/auth/sessions", Some(&token)).await;
    let sessions = list["sessions"].as_array().unwrap();
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1, "{list}");
    assert!(sessions.len() >= 2 && sessions.iter().all(|session| session["begun_by"] == "password"), "{list}");
    let id = sessions.iter().find(|session| session["current"] == false).unwrap()["id"].as_u64().unwrap();
    let path = format!("/api/v1/auth/sessions/{id}");
    let stranger = world.named("legacy").access_token;
    assert_eq!(world.delete(&path, Some(&stranger)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.delete(&path, Some(&token)).await.0, StatusCode::OK);
    assert_eq!(world.delete(&path, Some(&token)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(refresh(&world, &other).await.0, StatusCode::UNAUTHORIZED);
    let (status, _, ended) = world.post("/api/v1/auth/logout", Some(&token), &json!({})).await;
    assert_eq!((status, &ended["ended"]), (StatusCode::OK, &json!(true)));
    assert_eq!(refresh(&world, &one).await.0, StatusCode::UNAUTHORIZED);
    let (_, _, ended) = world.post("/api/v1/auth/logout", Some(&token), &json!({})).await;
    assert_eq!(ended["ended"], false);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_one_first_admin() {
    let world = World::start().await;
    let store = world.system.store().clone();
    let email = |text: &str| NamedPerson::Email(countersign_core::account::Email::read(text).unwrap());
    let late = store.bootstrap().first_admin(&email("kms@example.test")).await.unwrap_err();
    assert!(late.failed(countersign_store::Guard::Actor), "the demo has an admin: {late}");
    let key = |text: &str| AttributeValue::S(text.to_owned());
    let gone = world.dynamodb().delete_item().table_name(&world.system.demo().table_name);
    gone.key("pk", key("FIRSTADMIN")).key("sk", key("ADMIN")).send().await.unwrap();
    assert!(store.bootstrap().first_admin(&email("nobody@example.test")).await.unwrap().is_none());
    let stranger = NamedPerson::Telegram(countersign_core::TelegramId::new(77).unwrap());
    assert!(store.bootstrap().first_admin(&stranger).await.unwrap().is_none());
    let cloud = world.person("python_bot_tg_cloud");
    let other = NamedPerson::Telegram(countersign_core::TelegramId::new(cloud.telegram_id).unwrap());
    let one = email("kms@example.test");
    let made = tokio::join!(async { store.bootstrap().first_admin(&one).await }, async {
        store.bootstrap().first_admin(&other).await
    },);
    assert_eq!([made.0.is_ok(), made.1.is_ok()].iter().filter(|done| **done).count(), 1, "{made:?}");
    world.stop().await;
}
