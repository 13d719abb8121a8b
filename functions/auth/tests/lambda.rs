//! The built binary as it is deployed: init and answers, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{Call, LambdaProcess};
use serde_json::json;

const AUTH: &str = env!("CARGO_BIN_EXE_auth");
const START: &str = "/api/v1/auth/telegram/start";

#[tokio::test]
async fn a_chat_is_given_its_code() {
    let system = LocalSystem::start(Options { without_schedules: true, ..Options::default() }).await.unwrap();
    let mut process = LambdaProcess::spawn(AUTH, system.process_environment()).await.unwrap();
    let demo = system.demo();
    let service = demo.services.iter().find(|service| service.role == "mini_app_backend").unwrap();
    let asked = Call::post(START, &json!({ "chat_id": demo.people[0].telegram_id }));
    assert_eq!(process.call(&asked).await.unwrap().status, 401);
    let answer = process.call(&asked.api_key(&service.api_key)).await.unwrap();
    assert_eq!((answer.status, answer.json()["expires_in"].as_u64()), (200, Some(600)), "{}", answer.text());
    let code = answer.field("code");
    assert!(code.len() >= 8, "{code}");
    assert!(!process.output().contains(&code), "a code is not logged");
    system.stop().await;
}

#[tokio::test]
async fn a_person_logs_in_and_renews_the_login() {
    let system = LocalSystem::start(Options { without_schedules: true, ..Options::default() }).await.unwrap();
    let mut process = LambdaProcess::spawn(AUTH, system.process_environment()).await.unwrap();
    let person = &system.demo().people[0];
    let password = person.password.clone().unwrap();
    let login =
        |password: &str| Call::post("/api/v1/auth/login", &json!({ "email": person.email, "password": password }));
    assert_eq!(process.call(&login("wrong horse")).await.unwrap().status, 401);
    let pair = process.call(&login(&password)).await.unwrap();
    assert_eq!((pair.status, pair.json()["user_id"].as_u64()), (200, Some(person.user_id)), "{}", pair.text());
    let refresh = pair.field("refresh_token");
    let renewed =
        process.call(&Call::post("/api/v1/auth/refresh", &json!({ "refresh_token": refresh }))).await.unwrap();
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    for secret in [password, refresh, pair.field("access_token"), renewed.field("refresh_token")] {
        assert!(!process.output().contains(&secret), "a secret is not logged");
    }
    system.stop().await;
}
