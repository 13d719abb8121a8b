//! Codes, verifiers and tokens are nowhere in the clear: not in the table, not in an answer that is not for them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{back, code, decided, linked, login, person, redeemed, token};
use crate::{
    table::{bytes, holds},
    world::World,
};

/// Every item of the table.
async fn everything(world: &World) -> Vec<HashMap<String, AttributeValue>> {
    let scan = world.dynamodb().scan().table_name(&world.system.demo().table_name).consistent_read(true);
    scan.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap()
}

fn value<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    form.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}

#[track_caller]
fn is_not_in(secret: &str, all: &[u8], name: &str) {
    assert!(secret.len() > 20, "{name}");
    for spelling in
        [secret.to_owned(), hex::encode(secret), BASE64_STANDARD.encode(secret).trim_end_matches('=').into()]
    {
        assert!(!holds(all, spelling.as_bytes()), "{name} is in the table");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_stored_in_the_clear() {
    let world = World::start().await;
    let person = person(&world).await;
    let url = login(&world, &person).await;
    let state = value(&url, "state").unwrap().to_owned();
    is_not_in(&state, &bytes(&everything(&world).await), "the state");
    let to = decided(&world, &url, "approve").await;
    let provider_code = value(to.split_once('?').unwrap().1, "code").unwrap().to_owned();
    let code_id = back(&world, &to).await.1.unwrap();
    let waiting = bytes(&everything(&world).await);
    is_not_in(&provider_code, &waiting, "the provider's code");
    is_not_in(&code_id, &waiting, "the code's id");
    assert!(redeemed(&world, &person, &code_id).await.contains("connected"));
    world.age_connection().await;
    let access = token(&world, &person).await.field("access_token");
    let all = bytes(&everything(&world).await);
    let requests = world.system.oauth().control().requests();
    let forms: Vec<&str> = requests.iter().map(|request| request.body.as_str()).collect();
    let sent = |name: &str| forms.iter().find_map(|form| value(form, name)).unwrap().to_owned();
    is_not_in(&sent("code_verifier"), &all, "the verifier");
    is_not_in(&sent("refresh_token"), &all, "the refresh token");
    is_not_in(&access, &all, "the access token");
    is_not_in(&provider_code, &all, "the provider's code");
    let (_, _, list) = world.get("/api/v1/connections", Some(&person.access_token)).await;
    let shown = list.to_string();
    assert!(!shown.contains(&access) && !shown.contains("sealed"), "{shown}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sealed_tokens_open_for_their_person_alone() {
    let world = World::start().await;
    let (owner, thief) = (linked(&world).await, linked(&world).await);
    let mut moved = world.items(owner.telegram_id, "CONNECTION#").await.remove(0);
    moved.insert("pk".into(), AttributeValue::S(format!("SUBJECT#t:{}", thief.telegram_id)));
    let table = world.system.demo().table_name.clone();
    world.dynamodb().put_item().table_name(table).set_item(Some(moved)).send().await.unwrap();
    let answer = token(&world, &thief).await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(!answer.text().contains("access_token"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_code_opens_for_its_person_alone() {
    let world = World::start().await;
    let (owner, thief) = (person(&world).await, person(&world).await);
    let code_id = code(&world, &owner).await;
    let thief_id = AttributeValue::N(thief.telegram_id.to_string());
    world.change("OAUTHCODE#", "CODE", "telegram_id", thief_id).await;
    let said = serde_json::json!({ "text": format!("/start {code_id}") });
    let path = format!("/people/{}/message", thief.telegram_id);
    let answer = crate::telegram::control(&world, reqwest::Method::POST, &path, Some(&said)).await;
    assert_eq!(answer["webhook_status"], 500, "{answer}");
    assert_eq!(super::asked(&world, "authorization_code"), 0);
    world.stop().await;
}
