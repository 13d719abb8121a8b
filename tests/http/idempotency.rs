//! `Idempotency-Key` on the routes of signing: one effect, one answer, whoever asks how often.

use countersign_local::demo::DemoPerson;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    signing_sessions::{SESSIONS, client, kms, local, turnkey, wallet},
    world::{Answered, World, payment, refused, text},
};

/// A call with a key.
async fn keyed(
    world: &World,
    person: &DemoPerson,
    (method, path): (Method, &str),
    key: &str,
    body: Option<&Value>,
) -> Answered {
    let headers = [("authorization", format!("Bearer {}", person.access_token)), ("idempotency-key", key.to_owned())];
    world.ask(method, path, &headers, body).await
}

async fn sign(world: &World, person: &DemoPerson, key: &str, xdr: &str) -> Answered {
    keyed(world, person, (Method::POST, "/api/sign"), key, Some(&json!({ "xdr": xdr }))).await
}

fn replayed((_, headers, _): &Answered) -> bool {
    headers.get("idempotent-replayed").is_some_and(|value| value == "true")
}

fn xdr_of(person: &DemoPerson) -> String {
    payment(person.stellar_public_key.as_deref().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_replays_and_another_body_is_refused() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let xdr = xdr_of(&person);
    let first = sign(&world, &person, "k-1", &xdr).await;
    let second = sign(&world, &person, "k-1", &xdr).await;
    assert_eq!((first.0.as_u16(), replayed(&first)), (200, false), "{}", first.2);
    assert_eq!((second.0.as_u16(), replayed(&second)), (200, true));
    assert_eq!(first.2, second.2);
    assert_eq!(world.signatures(person.telegram_id).await, 1);
    refused(&sign(&world, &person, "k-1", &xdr_of(&person)).await, 422);
    let spaced = json!({ "xdr": xdr, "action_type": "payment" });
    refused(&keyed(&world, &person, (Method::POST, "/api/sign"), "k-1", Some(&spaced)).await, 422);
    assert_eq!(world.signatures(person.telegram_id).await, 1, "a refused one signed");
    let other_route = keyed(&world, &person, (Method::POST, "/sign"), "k-1", Some(&json!({ "xdr": xdr }))).await;
    assert_eq!((other_route.0.as_u16(), replayed(&other_route)), (200, false), "a key is the route's");
    let other_key = sign(&world, &person, "k-2", &xdr).await;
    assert!(!replayed(&other_key) && other_key.2 == first.2);
    assert_eq!(world.signatures(person.telegram_id).await, 3);
    assert!(!replayed(&world.sign(&person.access_token, &xdr).await), "without a key nothing is replayed");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_signer_replays() {
    let world = World::start().await;
    let wallet = wallet(&world);
    for body in [turnkey("legacy", &wallet), kms(&world.system.demo().kms.signing_key_id)] {
        let mut person = world.newcomer().await;
        let session = world.session(&person.access_token, &body).await;
        person.stellar_public_key = Some(text(&session, "stellar_public_key"));
        let xdr = xdr_of(&person);
        let first = sign(&world, &person, "k", &xdr).await;
        let records = world.signatures(person.telegram_id).await;
        let second = sign(&world, &person, "k", &xdr).await;
        assert_eq!((first.0.as_u16(), replayed(&first), replayed(&second)), (200, false, true), "{}", first.2);
        assert_eq!((first.2, records), (second.2, world.signatures(person.telegram_id).await));
    }
    let person = world.newcomer().await;
    world.session(&person.access_token, &client(&wallet)).await;
    let xdr = payment(&wallet.sign_with);
    let (first, second) = (sign(&world, &person, "k", &xdr).await, sign(&world, &person, "k", &xdr).await);
    assert!(first.2["stamp_request"].is_object(), "{}", first.2);
    assert_eq!(first.2, second.2, "the very body that waits for its stamp");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_keys_are_told() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let xdr = xdr_of(&person);
    for key in ["", &"k".repeat(256), "a b", "a\tb"] {
        let detail = refused(&sign(&world, &person, key, &xdr).await, 400);
        assert!(detail.contains("Idempotency-Key"), "{detail}");
    }
    let request = world.http.post(format!("{}/api/sign", world.system.base_url())).bearer_auth(&person.access_token);
    let foreign = reqwest::header::HeaderValue::from_bytes("ключ".as_bytes()).unwrap();
    let request = request.header("content-type", "application/json").header("idempotency-key", foreign);
    let response = request.body(json!({ "xdr": xdr }).to_string()).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 400, "letters that are no ASCII");
    assert_eq!(world.signatures(person.telegram_id).await, 0);
    for key in ["k", &"k".repeat(255), "!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"] {
        assert_eq!(sign(&world, &person, key, &xdr).await.0.as_u16(), 200, "{key}");
        assert!(replayed(&sign(&world, &person, key, &xdr).await), "{key}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_at_the_same_moment_sign_once() {
    let world = World::start().await;
    let bodies =
        [local("session_keys"), kms(&world.system.demo().kms.signing_key_id), turnkey("legacy", &wallet(&world))];
    for body in bodies {
        let mut person = world.newcomer().await;
        let session = world.session(&person.access_token, &body).await;
        person.stellar_public_key = Some(text(&session, "stellar_public_key"));
        let xdr = xdr_of(&person);
        let answers = at_once(&world, &person, &xdr).await;
        // With a remote signer the twins of a running one are told so; a repeat then replays.
        let done: Vec<_> = answers.iter().filter(|answered| answered.0.as_u16() == 200).collect();
        answers.iter().filter(|answered| answered.0.as_u16() != 200).for_each(|answered| drop(refused(answered, 409)));
        let remote = body["signer"] == "turnkey";
        assert!(if remote { !done.is_empty() } else { done.len() == 20 }, "{body}: {} answered", done.len());
        assert!(done.iter().all(|answered| answered.2 == done[0].2), "{body}: answers differ");
        assert_eq!(done.iter().filter(|answered| !replayed(answered)).count(), 1, "{body}: run more than once");
        let records = world.items(person.telegram_id, "SIGNATURE#").await;
        let events = records.iter().filter(|item| !crate::table::attribute(item, "sk").ends_with("#OUTCOME")).count();
        assert_eq!(events, 1, "{body}: signatures are recorded");
        let last = sign(&world, &person, "same", &xdr).await;
        assert_eq!((replayed(&last), &last.2), (true, &done[0].2));
    }
    world.stop().await;
}

async fn at_once(world: &World, person: &DemoPerson, xdr: &str) -> Vec<Answered> {
    let url = format!("{}/api/sign", world.system.base_url());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let request = world.http.post(&url).bearer_auth(&person.access_token).header("idempotency-key", "same");
        let request = request.header("content-type", "application/json").body(json!({ "xdr": xdr }).to_string());
        tasks.spawn(async move {
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            (status, headers, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
        });
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_two_callers_do_not_meet() {
    let world = World::start().await;
    let (person, other) = (world.signer(None).await, world.signer(None).await);
    let xdr = xdr_of(&person);
    let (first, second) = (sign(&world, &person, "k", &xdr).await, sign(&world, &other, "k", &xdr).await);
    assert_eq!((first.0.as_u16(), second.0.as_u16()), (200, 200));
    assert!(!replayed(&second) && first.2["signed_xdr"] != second.2["signed_xdr"], "another's answer was replayed");
    let key = ("x-api-key", world.service("mini_app_backend").api_key);
    let acting = async |telegram_id: u64| {
        let body = json!({ "telegram_id": telegram_id, "xdr": xdr });
        let headers = [key.clone(), ("idempotency-key", "k".to_owned())];
        world.ask(Method::POST, "/mini-app/sign-transaction", &headers, Some(&body)).await
    };
    let by_service = acting(person.telegram_id).await;
    assert_eq!((by_service.0.as_u16(), replayed(&by_service)), (200, false), "a service's keys are its own");
    assert!(replayed(&acting(person.telegram_id).await));
    refused(&acting(other.telegram_id).await, 422);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_before_anything_was_done_is_not_kept() {
    let world = World::start().await;
    let person = world.newcomer().await;
    refused(&sign(&world, &person, "k", "AAAA").await, 400);
    let account = crate::world::fresh_account();
    let xdr = payment(&account);
    assert_eq!(refused(&sign(&world, &person, "k", &xdr).await, 401), "No active session");
    let mut bad = local("session_keys");
    bad["expires_in"] = 0.into();
    let begin = (Method::POST, SESSIONS);
    refused(&keyed(&world, &person, begin.clone(), "k", Some(&bad)).await, 400);
    let (status, _, _) = keyed(&world, &person, begin, "k", Some(&local("session_keys"))).await;
    assert_eq!(status.as_u16(), 201);
    let signed = sign(&world, &person, "k", &xdr).await;
    assert_eq!((signed.0.as_u16(), replayed(&signed)), (200, false), "{}", signed.2);
    assert_eq!(world.items(person.telegram_id, "IDEMPOTENCY#").await.len(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beginning_ending_and_importing_replay_as_well() {
    let world = World::start().await;
    let (person, admin) = (world.newcomer().await, world.admin());
    let begin = (Method::POST, SESSIONS);
    let first = keyed(&world, &person, begin.clone(), "k", Some(&local("legacy"))).await;
    let second = keyed(&world, &person, begin.clone(), "k", Some(&local("legacy"))).await;
    assert_eq!((second.0.as_u16(), replayed(&first), replayed(&second)), (201, false, true));
    assert_eq!(first.2, second.2);
    assert_eq!(world.items(person.telegram_id, "SESSION#").await.len(), 1, "one session was begun");
    refused(&keyed(&world, &person, begin, "k", Some(&local("session_keys"))).await, 422);
    let path = format!("{SESSIONS}/{}", first.2["id"]);
    let ended = keyed(&world, &person, (Method::DELETE, &path), "k", None).await;
    let again = keyed(&world, &person, (Method::DELETE, &path), "k", None).await;
    assert_eq!((ended.0.as_u16(), replayed(&ended), replayed(&again)), (200, false, true), "{}", ended.2);
    assert_eq!(ended.2, again.2);
    let import = (Method::POST, "/api/v1/signing-sessions/import");
    let body = json!({ "rows": [{ "telegram_id": 901 }, { "telegram_id": 0 }] });
    let first = keyed(&world, &admin, import.clone(), "k", Some(&body)).await;
    let second = keyed(&world, &admin, import.clone(), "k", Some(&body)).await;
    assert_eq!((first.0.as_u16(), replayed(&first), replayed(&second)), (200, false, true), "{}", first.2);
    assert_eq!(first.2, second.2);
    let other = json!({ "rows": [{ "telegram_id": 902 }] });
    refused(&keyed(&world, &admin, import, "k", Some(&other)).await, 422);
    assert!(world.items(902, "").await.is_empty());
    world.stop().await;
}

/// A replay is for whoever may still make the request: it is no way around the gate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_still_needs_its_credential() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let xdr = xdr_of(&person);
    assert_eq!(sign(&world, &person, "k", &xdr).await.0.as_u16(), 200);
    for token in [None, Some("abc".to_owned()), Some(format!("{}x", person.access_token))] {
        let bearer = token.map(|token| ("authorization", format!("Bearer {token}")));
        let headers: Vec<_> = bearer.into_iter().chain([("idempotency-key", "k".to_owned())]).collect();
        refused(&world.ask(Method::POST, "/api/sign", &headers, Some(&json!({ "xdr": xdr }))).await, 401);
    }
    world.stop().await;
}
