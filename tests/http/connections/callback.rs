//! `GET /{provider}/callback`: the order of its errors, their form, and a state that is good once.

use reqwest::StatusCode;
use serde_json::Value;

use super::{back, decided, login, person};
use crate::{
    table::attribute,
    world::{World, refused},
};

const NOBODY_S: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_come_in_the_contract_s_order() {
    let world = World::start().await;
    let detail = async |target: &str| refused(&world.get(target, None).await, 400);
    assert_eq!(detail("/spotify/callback?error=access_denied").await, "OAuth cancelled: access_denied");
    assert_eq!(detail("/spotify/callback?error=access_denied&code=c&state=s").await, "OAuth cancelled: access_denied");
    for missing in ["", "?code=c", "?state=s", "?code=&state=s", "?code=c&code=d&state=s"] {
        assert_eq!(detail(&format!("/spotify/callback{missing}")).await, "Missing parameters", "{missing}");
    }
    for unknown in ["s", NOBODY_S] {
        let said = detail(&format!("/google/callback?code=c&state={unknown}")).await;
        assert!(said.starts_with("Invalid or expired state"), "{said}");
    }
    refused(&world.get("/nowhere/callback?code=c&state=s", None).await, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_gets_a_page_and_a_program_a_problem() {
    let world = World::start().await;
    let url = format!("{}/spotify/callback?error=%3Cscript%3E", world.system.base_url());
    let page = world.http.get(&url).header("accept", "text/html,*/*;q=0.8").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let text = page.text().await.unwrap();
    assert!(text.contains("OAuth cancelled: &lt;script&gt;") && !text.contains("<script"), "{text}");
    let problem = world.http.get(&url).header("accept", "application/json").send().await.unwrap();
    assert_eq!(problem.headers()["content-type"], "application/problem+json");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_works_once_and_at_its_provider_alone() {
    let world = World::start().await;
    let person = person(&world).await;
    let to = decided(&world, &login(&world, &person).await, "approve").await;
    let elsewhere = to.replace("/spotify/callback", "/discord/callback");
    assert_eq!(back(&world, &elsewhere).await, (StatusCode::BAD_REQUEST, None));
    let first = back(&world, &to).await;
    assert_eq!(first.0, StatusCode::FOUND);
    assert_eq!(back(&world, &to).await, (StatusCode::BAD_REQUEST, None));
    // Twenty browsers with one state: one goes on.
    let to = decided(&world, &login(&world, &person).await, "approve").await;
    let all = futures_util::future::join_all((0..20).map(|_| back(&world, &to))).await;
    assert_eq!(all.iter().filter(|(status, _)| *status == StatusCode::FOUND).count(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_whose_time_is_over_is_refused_whether_it_was_removed_or_not() {
    let world = World::start().await;
    let person = person(&world).await;
    let to = decided(&world, &login(&world, &person).await, "approve").await;
    world.age("OAUTHSTATE#", "live_until").await;
    assert_eq!(back(&world, &to).await, (StatusCode::BAD_REQUEST, None));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_may_say_no() {
    let world = World::start().await;
    let person = person(&world).await;
    let to = decided(&world, &login(&world, &person).await, "deny").await;
    let response = world.http.get(&to).header("accept", "application/json").send().await.unwrap();
    let problem: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(
        (problem["status"].as_u64(), problem["error"].as_str()),
        (Some(400), Some("OAuth cancelled: access_denied"))
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_has_the_same_state_and_keeps_none() {
    let world = World::start().await;
    let person = person(&world).await;
    let headers =
        [("authorization", format!("Bearer {}", person.access_token)), ("idempotency-key", "login-1".to_owned())];
    let path = "/api/v1/connections/spotify/authorize";
    let ask = async || world.ask(reqwest::Method::POST, path, &headers, None).await;
    let (first, again) = (ask().await, ask().await);
    assert_eq!((first.0, &first.2), (StatusCode::OK, &again.2));
    assert_eq!(again.1["idempotent-replayed"], "true");
    let kept = world.items(person.telegram_id, "IDEMPOTENCY#").await;
    let [kept] = kept.as_slice() else { panic!("{}", kept.len()) };
    assert_eq!(attribute(kept, "body"), "");
    let to = decided(&world, first.2["authorize_url"].as_str().unwrap(), "approve").await;
    assert_eq!(back(&world, &to).await.0, StatusCode::FOUND);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_of_one_key_have_one_state() {
    let world = World::start().await;
    let person = person(&world).await;
    let headers =
        [("authorization", format!("Bearer {}", person.access_token)), ("idempotency-key", "login-2".to_owned())];
    let path = "/api/v1/connections/spotify/authorize";
    let ask = async || world.ask(reqwest::Method::POST, path, &headers, None).await;
    let answers = futures_util::future::join_all((0..10).map(|_| ask())).await;
    let given: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.2.to_string()).collect();
    assert!(answers.iter().all(|answer| answer.0 == StatusCode::OK) && given.len() == 1, "{given:?}");
    world.stop().await;
}
