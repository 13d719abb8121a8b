//! Access tokens for services: who may have them, refreshed by one at a time, dead only after a second look, told once.

use countersign_local_control::{Cut, Fault};
use countersign_testkit::Call;
use serde_json::json;

use super::{TOKEN, asked, chat, linked, person, press, provider, status, token};
use crate::{
    telegram::{heard, texts, until},
    world::World,
};

/// The stand-in's tokens are over at once from now on.
async fn short_lived(world: &World) {
    provider(world, "/providers/spotify", &json!({ "access_seconds": 1 })).await;
}

async fn over(world: &World) {
    world.age_connection().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_service_whose_role_allows_it_is_given_a_token() {
    let world = World::start().await;
    let person = linked(&world).await;
    let target = format!("{TOKEN}?telegram_id={}", person.telegram_id);
    assert_eq!(world.send(&Call::get(&target)).await.status, 401);
    assert_eq!(world.send(&Call::get(&target).bearer(&person.access_token)).await.status, 403);
    for role in ["mini_app_backend", "notifier", "bot_runner"] {
        assert_eq!(world.send(&Call::get(&target).api_key(&world.service(role).api_key)).await.status, 403, "{role}");
    }
    let reader = world.service("token_reader");
    let ask = async |target: &str| world.send(&Call::get(target).api_key(&reader.api_key)).await.status;
    assert_eq!((ask(&target).await, ask(TOKEN).await), (200, 400));
    assert_eq!(ask(&target.replace("spotify", "google")).await, 404);
    assert_eq!(ask(&target.replace("spotify", "nowhere")).await, 404);
    assert_eq!(ask(&format!("{TOKEN}?telegram_id=77700099")).await, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_callers_burn_one_refresh_token() {
    let world = World::start().await;
    let person = linked(&world).await;
    let before = token(&world, &person).await.json();
    for round in 1..=3 {
        over(&world).await;
        let answers = futures_util::future::join_all((0..20).map(|_| token(&world, &person))).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{}", answers[0].text());
        let given: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.field("access_token")).collect();
        assert_eq!((given.len(), asked(&world, "refresh_token")), (1, round));
        assert!(!given.contains(before["access_token"].as_str().unwrap()));
    }
    let grant = &world.system.oauth().world().grants()[0];
    assert_eq!((grant.refreshes, grant.reuses, grant.revoked), (3, 0, None));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_away_does_not_end_a_connection() {
    let world = World::start().await;
    let person = linked(&world).await;
    over(&world).await;
    for fault in [Fault::status(503), Fault::cut(Cut::Before), Fault::status(429)] {
        world.system.oauth().control().add_fault(fault.matching("/token"));
        let answer = token(&world, &person).await;
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert_eq!(status(&world, &person).await.as_deref(), Some("refresh_failing"));
    }
    assert_eq!(token(&world, &person).await.status, 200);
    assert_eq!(status(&world, &person).await.as_deref(), Some("healthy"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_told_once_that_consent_is_needed_and_gives_it_with_the_button() {
    let world = World::start().await;
    let person = linked(&world).await;
    let before = texts(&world, chat(&person)).await.len();
    provider(&world, "/grants/revoke", &json!({ "provider": "spotify" })).await;
    over(&world).await;
    let answers = futures_util::future::join_all((0..10).map(|_| token(&world, &person))).await;
    for answer in &answers {
        assert_eq!(
            (answer.status, answer.json()["connection_status"].as_str()),
            (409, Some("needs_consent")),
            "{}",
            answer.text()
        );
    }
    assert_eq!(status(&world, &person).await.as_deref(), Some("needs_consent"));
    until("the person is told", async || (texts(&world, chat(&person)).await.len() > before).then_some(())).await;
    assert_eq!(token(&world, &person).await.status, 409);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let said = texts(&world, chat(&person)).await.split_off(before);
    let [said] = said.as_slice() else { panic!("{said:?}") };
    assert!(said.contains("no longer lets me"), "{said}");
    // The tokens of a dead grant are not kept.
    assert!(!world.items(person.telegram_id, "CONNECTION#").await[0].contains_key("sealed"));
    press(&world, &person, "Connect Spotify").await;
    let url = heard(&world, chat(&person)).await.last().unwrap()["buttons"][0][0]["url"].as_str().unwrap().to_owned();
    let code = super::back(&world, &super::decided(&world, &url, "approve").await).await.1.unwrap();
    assert!(super::redeemed(&world, &person, &code).await.contains("connected"));
    assert_eq!(token(&world, &person).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_a_refresh_is_told_as_what_it_is() {
    let world = World::start().await;
    short_lived(&world).await;
    let person = linked(&world).await;
    over(&world).await;
    // Spotify's stand-in keeps the refresh token at the first refresh, so that the next one works although the answer was lost.
    world.system.oauth().control().add_fault(Fault::cut(Cut::After).matching("/token"));
    assert_eq!(token(&world, &person).await.status, 503);
    assert_eq!(status(&world, &person).await.as_deref(), Some("refresh_failing"));
    provider(&world, "/providers/spotify", &json!({ "access_seconds": 3600 })).await;
    assert_eq!(token(&world, &person).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_whose_holder_died_is_taken_over() {
    let world = World::start().await;
    let person = linked(&world).await;
    over(&world).await;
    world.lease_connection(2).await;
    let begun = std::time::Instant::now();
    assert_eq!(token(&world, &person).await.status, 200);
    assert!(begun.elapsed() >= std::time::Duration::from_millis(1_000), "the lease was believed");
    assert_eq!(asked(&world, "refresh_token"), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_given_of_who_has_linked_nothing() {
    let world = World::start().await;
    let person = person(&world).await;
    assert_eq!(token(&world, &person).await.status, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_begins_to_refresh_what_the_function_s_time_does_not_see_the_end_of() {
    let world = World::start().await;
    let person = linked(&world).await;
    over(&world).await;
    world.lease_connection(16).await;
    let begun = std::time::Instant::now();
    let answer = token(&world, &person).await;
    assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true), "{}", answer.text());
    // The provider's ten seconds and the commit still fit into API Gateway's thirty.
    assert!(begun.elapsed() < std::time::Duration::from_secs(16));
    assert_eq!(asked(&world, "refresh_token"), 0);
    world.stop().await;
}
