//! Codes: once, for their chat, the newest alone, and not too many of them.

use reqwest::Method;
use serde_json::json;

use super::{START, code, confirm, start, unbound};
use crate::world::{World, refused};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_good_once_and_for_its_chat() {
    let world = World::start().await;
    let (chat, other) = (65_100_001, 65_100_002);
    let (first, second, third) = (unbound(&world).await.1, unbound(&world).await.1, unbound(&world).await.1);
    let shown = code(&world, chat).await;
    assert_eq!((shown.len(), shown.to_uppercase()), (8, shown.clone()));
    assert_eq!(refused(&confirm(&world, &second, &shown, other).await, 400), "Invalid or expired code");
    let typed = format!("{} {}", &shown[..4].to_lowercase(), &shown[4..]);
    assert_eq!(confirm(&world, &first, &typed, chat).await.0.as_u16(), 200);
    assert_eq!(refused(&confirm(&world, &third, &shown, chat).await, 400), "Invalid or expired code");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_code_takes_the_place_of_the_older() {
    let world = World::start().await;
    let (chat, token) = (65_100_003, unbound(&world).await.1);
    let (older, newer) = (code(&world, chat).await, code(&world, chat).await);
    assert_ne!(older, newer);
    assert_eq!(refused(&confirm(&world, &token, &older, chat).await, 400), "Invalid or expired code");
    assert_eq!(confirm(&world, &token, &newer, chat).await.0.as_u16(), 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_may_be_tried_and_no_sixth_even_if_it_is_right() {
    let world = World::start().await;
    let (chat, token) = (65_100_004, unbound(&world).await.1);
    let right = code(&world, chat).await;
    for wrong in ["00000000", "ZZZZZZZZ", "short", "", "0000-0000"] {
        assert_eq!(refused(&confirm(&world, &token, wrong, chat).await, 400), "Invalid or expired code");
    }
    let sixth = confirm(&world, &token, &right, chat).await;
    assert_eq!(refused(&sixth, 429), "Too many codes were tried");
    assert!(sixth.1["retry-after"].to_str().unwrap().parse::<u32>().unwrap() <= 600);
    // It is this person's limit, not the chat's.
    assert_eq!(confirm(&world, &unbound(&world).await.1, &right, chat).await.0.as_u16(), 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_service_that_may_act_for_people_starts() {
    let world = World::start().await;
    let body = json!({ "chat_id": 65_100_005 });
    let ask =
        async |name: &'static str, value: String| world.ask(Method::POST, START, &[(name, value)], Some(&body)).await;
    for role in ["notifier", "token_reader", "bot_runner"] {
        refused(&ask("x-api-key", world.service(role).api_key).await, 403);
    }
    refused(&ask("authorization", format!("Bearer {}", world.admin().access_token)).await, 403);
    refused(&ask("authorization", world.tma(65_100_005)).await, 403);
    refused(&world.post(START, None, &body).await, 401);
    refused(
        &world
            .ask(
                Method::POST,
                START,
                &[("x-api-key", world.service("mini_app_backend").api_key)],
                Some(&json!({ "chat_id": -5 })),
            )
            .await,
        400,
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_starts_once_and_the_table_never_holds_the_code() {
    let world = World::start().await;
    let (chat, key) = (65_100_006, [("idempotency-key", "start-1".to_owned())]);
    let (first, again) = (start(&world, chat, &key).await, start(&world, chat, &key).await);
    assert_eq!((first.0.as_u16(), &first.2), (200, &again.2));
    assert_eq!(again.1["idempotent-replayed"], "true");
    let shown = first.2["code"].as_str().unwrap();
    let table = aws_sdk_dynamodb::Client::new(&world.system.sdk_config());
    let items = table.scan().table_name(world.system.store().table()).send().await.unwrap().items.unwrap_or_default();
    assert!(!items.is_empty() && !format!("{items:?}").contains(shown));
    assert_eq!(confirm(&world, &unbound(&world).await.1, shown, chat).await.0.as_u16(), 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_of_one_key_get_one_code() {
    let world = World::start().await;
    let key = [("idempotency-key", "start-2".to_owned())];
    let answers = futures_util::future::join_all((0..10).map(|_| start(&world, 65_100_007, &key))).await;
    let given: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.2.to_string()).collect();
    assert!(answers.iter().all(|answer| answer.0.as_u16() == 200) && given.len() == 1, "{given:?}");
    world.stop().await;
}
