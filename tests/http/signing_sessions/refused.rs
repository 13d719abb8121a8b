//! What does not fit together is a 400 that says what, shows nothing of what was sent, and leaves nothing behind.

use reqwest::Method;
use serde_json::{Value, json};

use super::{SESSIONS, client, key_pair, kms, local, turnkey, wallet};
use crate::world::{World, fresh_account, refused};

fn with(mut body: Value, name: &str, value: impl Into<Value>) -> Value {
    body[name] = value.into();
    body
}

fn within(mut body: Value, name: &str, value: impl Into<Value>) -> Value {
    body["turnkey"][name] = value.into();
    body
}

fn without(mut body: Value, name: &str) -> Value {
    body.as_object_mut().unwrap().remove(name);
    body
}

/// Bodies, with a word that the refusal must hold.
fn bodies(world: &World) -> Vec<(Value, &'static str)> {
    let (wallet, other) = (wallet(world), world.system.demo().people[1].telegram_cloud.clone().unwrap());
    let keys = || local("session_keys");
    let (stamping, cloud) = (|| turnkey("legacy", &wallet), || client(&wallet));
    let (secret, account) = key_pair([9; 32]);
    let given = || with(keys(), "stellar_secret", secret.as_str());
    vec![
        (json!({}), "kind is missing"),
        (json!([]), "object"),
        (json!({ "kind": "session_keys" }), "signer is missing"),
        (json!({ "kind": "other", "signer": "local" }), "form"),
        (json!({ "kind": "legacy", "signer": "other" }), "form"),
        (with(keys(), "kind", "telegram_cloud"), "telegram_cloud goes with signer client"),
        (with(cloud(), "kind", "legacy"), "telegram_cloud goes with signer client"),
        (with(keys(), "kms_key_id", "abc"), "kms_key_id does not go with signer local"),
        (with(keys(), "turnkey", stamping()["turnkey"].clone()), "turnkey does not go with signer local"),
        (with(kms("abc"), "stellar_secret", secret.as_str()), "stellar_secret does not go with signer kms"),
        (with(stamping(), "stellar_secret", secret.as_str()), "stellar_secret does not go with signer turnkey"),
        (with(stamping(), "kms_key_id", "abc"), "kms_key_id does not go with signer turnkey"),
        (without(kms("abc"), "kms_key_id"), "kms_key_id is missing"),
        (without(stamping(), "turnkey"), "turnkey is missing"),
        (without(cloud(), "turnkey"), "turnkey is missing"),
        (within(cloud(), "api_private_key", wallet.api_private_key.as_str()), "must never hold it"),
        (with(stamping(), "turnkey", cloud()["turnkey"].clone()), "api_private_key is missing"),
        (within(stamping(), "api_private_key", other.api_private_key.as_str()), "api_private_key"),
        (within(stamping(), "api_private_key", "zz"), "api_private_key"),
        (within(stamping(), "api_public_key", "02"), "api_public_key"),
        (within(stamping(), "api_public_key", format!("02{}", "ff".repeat(32))), "api_public_key"),
        (within(cloud(), "api_public_key", format!("02{}", "ff".repeat(32))), "api_public_key"),
        (within(stamping(), "organization_id", ""), "organization_id"),
        (within(stamping(), "organization_id", "a b"), "organization_id"),
        (within(stamping(), "sign_with", "x".repeat(129)), "sign_with"),
        (within(stamping(), "sign_with", "a-private-key-id"), "stellar_public_key"),
        (within(stamping(), "more", 1), "form"),
        (with(stamping(), "stellar_public_key", fresh_account()), "not the key's own"),
        (with(cloud(), "stellar_public_key", fresh_account()), "not the key's own"),
        (with(given(), "stellar_public_key", fresh_account()), "not the key's own"),
        (with(keys(), "stellar_public_key", account.as_str()), "not the key's own"),
        (with(kms(&world.system.demo().kms.signing_key_id), "stellar_public_key", account), "not the key's own"),
        (with(keys(), "stellar_secret", ""), "stellar_secret"),
        (with(keys(), "stellar_secret", "not-a-secret-at-all-but-long"), "stellar_secret"),
        (with(keys(), "stellar_secret", 7), "form"),
        (with(keys(), "expires_in", 0), "expires_in"),
        (with(keys(), "expires_in", -1), "expires_in"),
        (with(keys(), "expires_in", 7_776_001), "expires_in"),
        (with(keys(), "expires_in", i64::MAX), "expires_in"),
        (with(keys(), "expires_in", 1.5), "form"),
        (with(keys(), "expires_in", "60"), "form"),
        (with(keys(), "telegram_id", 0), "form"),
        (with(keys(), "unknown_field", true), "form"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_together_is_told_and_nothing_is_begun() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let (secret, _) = key_pair([9; 32]);
    for (body, word) in bodies(&world) {
        let answered = world.post(SESSIONS, Some(&person.access_token), &body).await;
        let detail = refused(&answered, 400);
        assert!(detail.contains(word), "{detail:?} does not say {word:?} of {body}");
        let shown = answered.2.to_string();
        let hidden = [secret.as_str(), &wallet(&world).api_private_key, "not-a-secret-at-all", "unknown_field"];
        assert!(hidden.iter().all(|hidden| !shown.contains(hidden)), "{shown}");
    }
    assert_eq!(world.items(person.telegram_id, "").await.len(), 1, "the person's own record and nothing else");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_none_and_callers_that_are_nobody() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let bearer = || vec![("authorization", format!("Bearer {}", person.access_token))];
    refused(&world.ask(Method::POST, SESSIONS, &bearer(), None).await, 400);
    let typed = |form: &str| [bearer(), vec![("content-type", form.to_owned())]].concat();
    refused(&world.ask(Method::POST, SESSIONS, &typed("text/plain"), None).await, 415);
    refused(&world.ask(Method::POST, SESSIONS, &typed("application/x-www-form-urlencoded"), None).await, 415);
    let large = with(local("session_keys"), "stellar_secret", "S".repeat(256 * 1024));
    refused(&world.post(SESSIONS, Some(&person.access_token), &large).await, 413);
    refused(&world.post(SESSIONS, None, &local("session_keys")).await, 401);
    let stranger = world.token(77, Some(78));
    assert_eq!(refused(&world.post(SESSIONS, Some(&stranger), &local("legacy")).await, 404), "Unknown person");
    let other = world.token(77, Some(person.telegram_id));
    refused(&world.post(SESSIONS, Some(&other), &local("legacy")).await, 404);
    refused(&world.ask(Method::PUT, SESSIONS, &bearer(), None).await, 405);
    world.stop().await;
}
