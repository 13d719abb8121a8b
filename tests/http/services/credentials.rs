//! Credentials: shown once, stored as hashes, two sets live while they rotate, none once the service has ended.

use countersign_testkit::Call;
use serde_json::{Value, json};

use super::{SERVICES, by_admin, by_key, made, of, put, refused, signed, stored};
use crate::world::World;

const SECRETS: [&str; 3] = ["api_key", "client_secret", "webhook_secret"];

fn me() -> Call {
    Call::get("/api/v1/me")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shown_once_is_stored_nowhere() {
    let world = World::start().await;
    let call = || Call::post(SERVICES, &json!({ "name": "Deploys", "role": "notifier" })).idempotent("make-1");
    let first = by_admin(&world, call()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let service = first.json();
    assert!(service["webhook_secret"].as_str().unwrap().starts_with("whsec_"), "{service}");
    assert_eq!(service["client_id"], format!("svc-{}", service["id"]));
    let again = by_admin(&world, call()).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")));
    assert_eq!(again.body, first.body, "the same answer, byte for byte");
    let other = Call::post(SERVICES, &json!({ "name": "Other", "role": "notifier" })).idempotent("make-1");
    refused(&by_admin(&world, other).await, 422);
    let shown = [by_admin(&world, Call::get(&of(&service, ""))).await, by_admin(&world, Call::get(SERVICES)).await];
    let stored = stored(&world).await;
    for name in SECRETS {
        let secret = service[name].as_str().unwrap();
        for answer in &shown {
            assert!(answer.status == 200 && !answer.text().contains(secret), "{name}");
        }
        assert!(!stored.contains(secret), "{name} is in the table");
    }
    assert_eq!(by_key(&world, &service, me()).await.json()["name"], "Deploys");
    assert_eq!(signed(&world, &service, me()).await.json()["role"], "notifier");
    world.stop().await;
}

async fn rotate(world: &World, service: &Value, body: &Value) -> countersign_testkit::Answer {
    by_admin(world, Call::post(&of(service, "/rotate-key"), body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sets_live_until_the_rotation_is_finished() {
    let world = World::start().await;
    let old = made(&world, "notifier").await;
    let call = || Call::new("POST", &of(&old, "/rotate-key")).idempotent("rotate-1");
    let new = by_admin(&world, call()).await;
    assert_eq!(new.status, 200, "{}", new.text());
    assert_eq!(by_admin(&world, call()).await.body, new.body, "a lost answer is given again");
    let new = new.json();
    assert!(SECRETS.iter().all(|name| new[name] != old[name]) && new["live_keys"] == 2, "{new}");
    for service in [&old, &new] {
        assert_eq!(by_key(&world, service, me()).await.status, 200);
        assert_eq!(signed(&world, service, me()).await.status, 200);
    }
    assert!(refused(&rotate(&world, &old, &json!({})).await, 409).contains("finish or cancel"));
    refused(&rotate(&world, &old, &json!({ "step": "dance" })).await, 400);
    let finished = rotate(&world, &old, &json!({ "step": "finish" })).await;
    assert_eq!((finished.status, &finished.json()["live_keys"]), (200, &json!(1)));
    assert_eq!(finished.json()["api_key"], Value::Null);
    refused(&by_key(&world, &old, me()).await, 401);
    refused(&signed(&world, &old, me()).await, 401);
    assert_eq!(by_key(&world, &new, me()).await.status, 200);
    // What is signed alike within a second is the same request.
    assert_eq!(signed(&world, &new, Call::get("/api/v1/me?again")).await.status, 200);
    refused(&rotate(&world, &old, &json!({ "step": "finish" })).await, 409);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_set_never_comes_back() {
    let world = World::start().await;
    let old = made(&world, "notifier").await;
    let lost = rotate(&world, &old, &json!({ "step": "begin" })).await.json();
    assert_eq!(rotate(&world, &old, &json!({ "step": "cancel" })).await.status, 200);
    refused(&by_key(&world, &lost, me()).await, 401);
    let new = rotate(&world, &old, &json!({ "step": "begin" })).await.json();
    assert_ne!(new["api_key"], lost["api_key"]);
    refused(&by_key(&world, &lost, me()).await, 401);
    for service in [&old, &new] {
        assert_eq!(by_key(&world, service, me()).await.status, 200);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_rotations_at_the_same_moment_wins() {
    let world = World::start().await;
    let service = made(&world, "notifier").await;
    let body = json!({});
    let (one, other) = tokio::join!(rotate(&world, &service, &body), rotate(&world, &service, &body));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text(), other.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_service_is_nobody_at_once() {
    let world = World::start().await;
    let service = made(&world, "notifier").await;
    let commands = json!([{
        "command": "deploy", "description": "Deploys", "url": "https://hooks.countersign.dev/a", "roles": ["user"],
    }]);
    assert_eq!(by_key(&world, &service, put(&of(&service, "/commands"), &commands)).await.status, 200);
    let end = || Call::delete(&of(&service, ""));
    let ended = by_admin(&world, end().idempotent("end-1")).await;
    assert_eq!((ended.status, ended.field("status").as_str()), (200, "disabled"), "{}", ended.text());
    refused(&by_key(&world, &service, me()).await, 401);
    refused(&signed(&world, &service, me()).await, 401);
    assert_eq!(by_admin(&world, end()).await.json(), ended.json());
    let replayed = by_admin(&world, end().idempotent("end-1")).await;
    assert_eq!((replayed.header("idempotent-replayed"), replayed.json()), (Some("true"), ended.json()));
    refused(&rotate(&world, &service, &json!({})).await, 404);
    refused(&by_admin(&world, put(&of(&service, "/commands"), &commands)).await, 404);
    // Its command is free again.
    let other = made(&world, "notifier").await;
    assert_eq!(by_key(&world, &other, put(&of(&other, "/commands"), &commands)).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_paged_and_tells_the_last_use() {
    let world = World::start().await;
    let made = [made(&world, "notifier").await, made(&world, "token_reader").await, made(&world, "bot_runner").await];
    assert_eq!(by_key(&world, &made[2], me()).await.status, 200);
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let at = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = by_admin(&world, Call::get(&format!("{SERVICES}?limit=2{at}"))).await.json();
        let services = page["services"].as_array().unwrap();
        assert!(services.len() <= 2);
        seen.extend(services.clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    let ids: Vec<_> = seen.iter().map(|service| service["id"].as_u64().unwrap()).collect();
    assert!(ids.len() == 7 && ids.is_sorted_by(|one, next| one > next), "newest first, the demo's four too: {ids:?}");
    assert!(seen[0]["last_used_at"].is_string() && seen[1]["last_used_at"].is_null(), "{seen:?}");
    for bad in ["limit=0", "limit=201", "limit=x", "cursor=x"] {
        refused(&by_admin(&world, Call::get(&format!("{SERVICES}?{bad}"))).await, 400);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_admin_makes_and_ends_services() {
    let world = World::start().await;
    let (service, person) = (made(&world, "notifier").await, world.newcomer().await);
    let calls = || {
        [
            Call::post(SERVICES, &json!({ "name": "x", "role": "notifier" })),
            Call::get(SERVICES),
            Call::get(&of(&service, "")),
            Call::delete(&of(&service, "")),
            Call::post(&of(&service, "/rotate-key"), &json!({})),
        ]
    };
    for call in calls() {
        refused(&world.send(&call.clone().bearer(&person.access_token)).await, 403);
        refused(&by_key(&world, &service, call.clone()).await, 403);
        refused(&world.send(&call).await, 401);
    }
    for bad in
        [json!({ "name": "", "role": "notifier" }), json!({ "name": "x", "role": "admin" }), json!({ "name": "x" })]
    {
        refused(&by_admin(&world, Call::post(SERVICES, &bad)).await, 400);
    }
    refused(&by_admin(&world, Call::get(&format!("{SERVICES}/4711"))).await, 404);
    refused(&by_admin(&world, Call::delete(&format!("{SERVICES}/x"))).await, 404);
    world.stop().await;
}
