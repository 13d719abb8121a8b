//! An account is unlinked: at once here, and at the provider where that takes such a thing.

use std::time::Duration;

use countersign_local_control::Fault;
use countersign_testkit::Call;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{back, decided, linked, person, provider, redeemed, status, token};
use crate::{
    telegram::{answered, until},
    world::{World, refused},
};

const SPOTIFY: &str = "/api/v1/connections/spotify";
const DISCORD: &str = "/api/v1/connections/discord";

/// A person with a linked Discord account.
async fn with_discord(world: &World) -> countersign_local::demo::DemoPerson {
    let person = person(world).await;
    link_to(world, &person, DISCORD).await;
    person
}

/// Links this person's account at a provider.
async fn link_to(world: &World, person: &countersign_local::demo::DemoPerson, path: &str) {
    let (_, _, begun) = world.post(&format!("{path}/authorize"), Some(&person.access_token), &json!(null)).await;
    let to = decided(world, begun["authorize_url"].as_str().unwrap(), "approve").await;
    let code = back(world, &to).await.1.unwrap();
    assert!(redeemed(world, person, &code).await.contains("connected"));
}

/// How often the provider was asked to revoke.
fn asked_to_revoke(world: &World) -> usize {
    let requests = world.system.oauth().control().requests();
    requests.iter().filter(|request| request.label.ends_with("/revoke") || request.label.ends_with("/grant")).count()
}

fn is_revoked(world: &World) -> bool {
    world.system.oauth().world().grants().iter().all(|grant| grant.revoked.is_some())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unlinking_is_at_once_and_once() {
    let world = World::start().await;
    let person = linked(&world).await;
    let headers = [("authorization", format!("Bearer {}", person.access_token)), ("idempotency-key", "end".to_owned())];
    let unlink = async || world.ask(Method::DELETE, SPOTIFY, &headers, None).await;
    let (first, again) = (unlink().await, unlink().await);
    assert_eq!((first.0, first.2["status"].as_str()), (StatusCode::OK, Some("revoked")), "{}", first.2);
    assert_eq!(first.2, again.2);
    assert_eq!(again.1["idempotent-replayed"], "true");
    assert_eq!(status(&world, &person).await.as_deref(), Some("revoked"));
    let answer = token(&world, &person).await;
    assert_eq!((answer.status, answer.json()["connection_status"].as_str()), (409, Some("revoked")));
    // Spotify takes no revocation, so there is nothing to keep a token for.
    assert!(!world.items(person.telegram_id, "CONNECTION#").await[0].contains_key("sealed"));
    assert_eq!(world.delete(SPOTIFY, Some(&person.access_token)).await.0, StatusCode::OK);
    refused(&world.delete(DISCORD, Some(&person.access_token)).await, 404);
    refused(&world.delete("/api/v1/connections/nowhere", Some(&person.access_token)).await, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_provider_is_told() {
    let world = World::start().await;
    let person = with_discord(&world).await;
    assert!(!is_revoked(&world));
    assert_eq!(world.delete(DISCORD, Some(&person.access_token)).await.0, StatusCode::OK);
    assert!(is_revoked(&world));
    assert!(!world.items(person.telegram_id, "CONNECTION#").await[0].contains_key("sealed"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_does_not_answer_is_told_later() {
    let world = World::start().await;
    let person = with_discord(&world).await;
    world.system.oauth().control().add_fault(Fault::status(503).matching("/revoke"));
    assert_eq!(world.delete(DISCORD, Some(&person.access_token)).await.0, StatusCode::OK);
    assert!(!is_revoked(&world));
    let (at, _) = ("pending_at", world.age("SUBJECT#", "pending_at").await);
    until(at, async || is_revoked(&world).then_some(())).await;
    until("the tokens are thrown away", async || {
        (!world.items(person.telegram_id, "CONNECTION#").await[0].contains_key("sealed")).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logging_out_in_the_bot_unlinks() {
    let world = World::start().await;
    let person = with_discord(&world).await;
    assert!(answered(&world, person.telegram_id, "/logout spotify").await.contains("not linked"));
    let said = answered(&world, person.telegram_id, "/logout").await;
    assert!(said.contains("Discord account is disconnected"), "{said}");
    until("the provider is told", async || is_revoked(&world).then_some(())).await;
    assert!(answered(&world, person.telegram_id, "/logout").await.contains("not linked"));
    assert_eq!(status(&world, &person).await.as_deref(), Some("revoked"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_can_be_linked_again() {
    let world = World::start().await;
    let person = linked(&world).await;
    assert_eq!(world.delete(SPOTIFY, Some(&person.access_token)).await.0, StatusCode::OK);
    let code = super::code(&world, &person).await;
    assert!(redeemed(&world, &person, &code).await.contains("connected"));
    assert_eq!((status(&world, &person).await.as_deref(), token(&world, &person).await.status), (Some("healthy"), 200));
    provider(&world, "/tokens/expire", &json!({ "provider": "spotify" })).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_of_one_key_unlink_once() {
    let world = World::start().await;
    let person = linked(&world).await;
    let headers = [("authorization", format!("Bearer {}", person.access_token)), ("idempotency-key", "end".to_owned())];
    let unlink = async || world.ask(Method::DELETE, SPOTIFY, &headers, None).await;
    let answers = futures_util::future::join_all((0..10).map(|_| unlink())).await;
    assert!(answers.iter().all(|answer| answer.0 == StatusCode::OK && answer.2 == answers[0].2), "{}", answers[0].2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_refresh_brings_after_the_end_is_revoked_as_well() {
    let world = World::start().await;
    let person = with_discord(&world).await;
    world.age_connection().await;
    // The refresh is at the provider after the account was unlinked here, and before the provider hears of that.
    for (seconds, endpoint) in [(2, "/token"), (4, "/revoke")] {
        world.system.oauth().control().add_fault(Fault::delay(Duration::from_secs(seconds)).matching(endpoint));
    }
    let reader = world.service("token_reader");
    let asking = Call::get(&format!("{DISCORD}/token?telegram_id={}", person.telegram_id)).api_key(&reader.api_key);
    let unlinking = async {
        until("the provider is asked", async || (super::asked(&world, "refresh_token") > 0).then_some(())).await;
        world.delete(DISCORD, Some(&person.access_token)).await.0
    };
    let (answer, unlinked) = tokio::join!(world.send(&asking), unlinking);
    assert_eq!((answer.status, unlinked), (409, StatusCode::OK), "{}", answer.text());
    assert_eq!(answer.json()["connection_status"], "revoked");
    let requests = world.system.oauth().control().requests();
    assert_eq!(requests.iter().filter(|request| request.label.ends_with("/revoke")).count(), 2);
    assert!(is_revoked(&world));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn github_is_told_in_its_own_way() {
    let world = World::start().await;
    let (person, path) = (person(&world).await, "/api/v1/connections/github");
    link_to(&world, &person, path).await;
    assert!(!is_revoked(&world));
    assert_eq!(world.delete(path, Some(&person.access_token)).await.0, StatusCode::OK);
    assert!(is_revoked(&world) && asked_to_revoke(&world) == 1);
    assert!(!world.items(person.telegram_id, "CONNECTION#").await[0].contains_key("sealed"));
    world.stop().await;
}

/// `/logout` and, before the schedule has told the provider, `/login` again: the tokens of before are revoked all the same, and
/// those of the new consent are good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_link_keeps_no_old_token_alive() {
    let world = World::start().await;
    let person = with_discord(&world).await;
    world.system.oauth().control().add_fault(Fault::status(503).matching("/revoke"));
    assert!(answered(&world, person.telegram_id, "/logout").await.contains("disconnected"));
    until("the provider is asked in vain", async || (asked_to_revoke(&world) == 1).then_some(())).await;
    link_to(&world, &person, DISCORD).await;
    until("the tokens of before are revoked and forgotten", async || {
        world.items(person.telegram_id, "REVOCATION#").await.is_empty().then_some(())
    })
    .await;
    let grants: Vec<_> = world.system.oauth().world().grants().iter().map(|grant| grant.revoked.is_some()).collect();
    assert_eq!(grants, [true, false]);
    assert_eq!(status(&world, &person).await.as_deref(), Some("healthy"));
    world.stop().await;
}

/// Google would end the new consent together with the old one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_was_renewed_is_not_revoked() {
    let world = World::start().await;
    let (person, path) = (person(&world).await, "/api/v1/connections/google");
    link_to(&world, &person, path).await;
    world.system.oauth().control().add_fault(Fault::status(503).matching("/revoke"));
    assert!(answered(&world, person.telegram_id, "/logout").await.contains("disconnected"));
    until("the provider is asked in vain", async || (asked_to_revoke(&world) == 1).then_some(())).await;
    link_to(&world, &person, path).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(world.items(person.telegram_id, "REVOCATION#").await.is_empty());
    assert_eq!((asked_to_revoke(&world), is_revoked(&world)), (1, false));
    assert_eq!(status(&world, &person).await.as_deref(), Some("healthy"));
    world.stop().await;
}
