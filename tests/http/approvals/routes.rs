//! `POST /api/v1/approvals` and `GET /api/v1/approvals/{id}`: who may ask, who may look, and what is kept.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{approval, call, key, message, person, press, seen};
use crate::{
    telegram::until,
    world::{World, refused},
};

const PATH: &str = "/api/v1/approvals";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_asks_another_and_is_told() {
    let world = World::start().await;
    let (asker, stranger) = (world.newcomer().await, world.newcomer().await);
    let own_chat = person(&world, asker.telegram_id, "Olga").await;
    let boris = person(&world, 77_000_001, "Boris").await;
    let token = Some(asker.access_token.as_str());
    let body = json!({ "subject": "Borrow the car?", "approvers": [boris] });
    let (status, _, asked) = world.post(PATH, token, &body).await;
    assert_eq!(status, StatusCode::CREATED, "{asked}");
    let path = format!("{PATH}/{}", asked["approval_id"]);
    let shown = message(&world, boris, "Borrow the car?").await;
    press(&world, boris, boris, &shown, "Approve").await;
    let closed = until("closed", async || {
        let (_, _, seen) = world.get(&path, token).await;
        (seen["status"] == "closed").then_some(seen)
    })
    .await;
    assert_eq!(
        (closed["outcome"].as_str(), closed["answer"].as_str()),
        (Some("approved"), Some("approve")),
        "{closed}"
    );
    message(&world, own_chat, "Approved by Boris").await;
    refused(&world.get(&path, Some(&stranger.access_token)).await, 404);
    refused(&call(&world, Method::GET, &path, None).await, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_and_callbacks_are_for_services() {
    let world = World::start().await;
    let asker = world.newcomer().await;
    for (name, value) in [("chat_id", json!(-100)), ("callback_url", json!("https://example.org/"))] {
        let mut body = json!({ "subject": "Pay?", "approvers": [7] });
        body[name] = value;
        let detail = refused(&world.post(PATH, Some(&asker.access_token), &body).await, 403);
        assert!(detail.contains(name), "{detail}");
    }
    for (body, words) in [
        (json!({ "subject": "Pay?" }), "approvers"),
        (json!({ "subject": "Pay?", "approvers": [] }), "1 to 20"),
        (json!({ "subject": "", "approvers": [7] }), "subject"),
        (json!({ "subject": "Pay?", "approvers": [7], "quorum": 2 }), "quorum"),
    ] {
        let detail = refused(&call(&world, Method::POST, PATH, Some(&body)).await, 400);
        assert!(detail.contains(words), "{detail}");
    }
    let runner = [("x-api-key", world.service("bot_runner").api_key)];
    let body = json!({ "subject": "Pay?", "approvers": [7] });
    refused(&world.ask(Method::POST, PATH, &runner, Some(&body)).await, 403);
    refused(&world.post(PATH, None, &body).await, 401);
    refused(&call(&world, Method::GET, &format!("{PATH}/x"), None).await, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_has_only_so_many_open() {
    let world = World::start().await;
    let asker = world.newcomer().await;
    let token = Some(asker.access_token.as_str());
    let boris = person(&world, 77_100_001, "Boris").await;
    for number in 0..20 {
        let body = json!({ "subject": format!("Number {number}."), "approvers": [boris] });
        assert_eq!(world.post(PATH, token, &body).await.0, StatusCode::CREATED);
    }
    let body = json!({ "subject": "One more", "approvers": [boris] });
    assert!(refused(&world.post(PATH, token, &body).await, 409).contains("20"));
    let shown = message(&world, boris, "Number 3.").await;
    press(&world, boris, boris, &shown, "Deny").await;
    assert_eq!(world.post(PATH, token, &body).await.0, StatusCode::CREATED, "one has closed");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_asks_once() {
    let world = World::start().await;
    let boris = person(&world, 77_200_001, "Boris").await;
    let body = json!({ "subject": "Once?", "approvers": [boris] });
    let [api_key] = key(&world);
    let headers = [api_key, ("idempotency-key", "once".to_owned())];
    let calls = (0..8).map(|_| world.ask(Method::POST, PATH, &headers, Some(&body)));
    let answers = futures_util::future::join_all(calls).await;
    let ids: Vec<_> = answers
        .iter()
        .filter(|answer| answer.0 == StatusCode::CREATED)
        .map(|answer| &answer.2["approval_id"])
        .collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{answers:?}");
    message(&world, boris, "Once?").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(crate::telegram::heard(&world, boris).await.len(), 1);
    let other = approval(&world, &body).await;
    assert_ne!(&other["approval_id"], ids[0]);
    assert_eq!(seen(&world, &other).await["status"], "open");
    world.stop().await;
}
