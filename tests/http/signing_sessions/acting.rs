//! Who may begin, read and end whose sessions: a person their own, a service of the right role a named person's.

use reqwest::Method;
use serde_json::{Value, json};

use super::{SESSIONS, local};
use crate::world::{World, payment, refused, signed_by, text};

fn for_person(kind: &str, telegram_id: u64) -> Value {
    let mut body = local(kind);
    body["telegram_id"] = telegram_id.into();
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_may_act_for_people_keeps_their_sessions() {
    let world = World::start().await;
    let (person, other) = (world.newcomer().await, world.newcomer().await);
    let key = [("x-api-key", world.service("mini_app_backend").api_key)];
    let body = for_person("session_keys", person.telegram_id);
    let (status, _, session) = world.ask(Method::POST, SESSIONS, &key, Some(&body)).await;
    assert_eq!(status.as_u16(), 201, "{session}");
    let (_, _, own) = world.get(SESSIONS, Some(&person.access_token)).await;
    assert_eq!(own["sessions"][0]["id"], session["id"], "it is the person's");
    let named = format!("{SESSIONS}?telegram_id={}", person.telegram_id);
    let (_, _, page) = world.ask(Method::GET, &named, &key, None).await;
    assert_eq!(page, own);
    let xdr = payment(&text(&session, "stellar_public_key"));
    let request = json!({ "telegram_id": person.telegram_id, "xdr": xdr });
    let (status, _, signed) = world.ask(Method::POST, "/mini-app/sign-transaction", &key, Some(&request)).await;
    assert_eq!(status.as_u16(), 200, "{signed}");
    let account = text(&session, "stellar_public_key");
    signed_by(&text(&signed, "signed_xdr"), &xdr, crate::world::TESTNET, &account).unwrap();
    let one = |telegram_id: u64| format!("{SESSIONS}/{}?telegram_id={telegram_id}", session["id"]);
    refused(&world.ask(Method::GET, &one(other.telegram_id), &key, None).await, 404);
    refused(&world.ask(Method::DELETE, &one(other.telegram_id), &key, None).await, 404);
    assert_eq!(world.ask(Method::GET, &one(person.telegram_id), &key, None).await.0.as_u16(), 200);
    assert_eq!(world.ask(Method::DELETE, &one(person.telegram_id), &key, None).await.0.as_u16(), 200);
    refused(&world.ask(Method::POST, "/mini-app/sign-transaction", &key, Some(&request)).await, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_request_is_a_services_credential_and_good_once() {
    let world = World::start().await;
    let (person, service) = (world.newcomer().await, world.service("mini_app_backend"));
    let body = for_person("legacy", person.telegram_id);
    let headers = world.signed_headers(&service, "POST", SESSIONS, body.to_string().as_bytes());
    let (status, _, session) = world.ask(Method::POST, SESSIONS, &headers, Some(&body)).await;
    assert_eq!(status.as_u16(), 201, "{session}");
    refused(&world.ask(Method::POST, SESSIONS, &headers, Some(&body)).await, 401);
    let target = format!("{SESSIONS}?telegram_id={}&limit=1", person.telegram_id);
    let headers = world.signed_headers(&service, "GET", &target, b"");
    let (status, _, page) = world.ask(Method::GET, &target, &headers, None).await;
    assert_eq!((status.as_u16(), &page["sessions"][0]["id"]), (200, &session["id"]));
    let headers = world.signed_headers(&service, "GET", &target, b"");
    let another = format!("{SESSIONS}?limit=1&telegram_id={}", person.telegram_id);
    refused(&world.ask(Method::GET, &another, &headers, None).await, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_not_act_is_refused_and_begins_nothing() {
    let world = World::start().await;
    let (person, other) = (world.newcomer().await, world.newcomer().await);
    let body = for_person("session_keys", person.telegram_id);
    for role in ["notifier", "token_reader", "bot_runner"] {
        let key = [("x-api-key", world.service(role).api_key)];
        refused(&world.ask(Method::POST, SESSIONS, &key, Some(&body)).await, 403);
        let named = format!("{SESSIONS}?telegram_id={}", person.telegram_id);
        refused(&world.ask(Method::GET, &named, &key, None).await, 403);
    }
    refused(&world.post(SESSIONS, Some(&other.access_token), &body).await, 403);
    let admin = world.admin().access_token;
    refused(&world.post(SESSIONS, Some(&admin), &body).await, 403);
    let named = format!("{SESSIONS}?telegram_id={}", person.telegram_id);
    refused(&world.get(&named, Some(&other.access_token)).await, 403);
    let (status, _, _) = world.get(&named, Some(&person.access_token)).await;
    assert_eq!(status.as_u16(), 200, "their own id may be named");
    let key = [("x-api-key", world.service("mini_app_backend").api_key)];
    refused(&world.ask(Method::POST, SESSIONS, &key, Some(&local("legacy"))).await, 400);
    refused(&world.ask(Method::GET, SESSIONS, &key, None).await, 400);
    let nobody = for_person("legacy", 1);
    assert_eq!(refused(&world.ask(Method::POST, SESSIONS, &key, Some(&nobody)).await, 404), "Unknown person");
    refused(&world.ask(Method::GET, &format!("{SESSIONS}?telegram_id=1"), &key, None).await, 404);
    assert_eq!(world.items(person.telegram_id, "").await.len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn launch_data_is_a_persons_credential_here() {
    let world = World::start().await;
    let (person, other) = (world.newcomer().await, world.newcomer().await);
    let tma = |telegram_id: u64| [("authorization", world.tma(telegram_id))];
    let (status, _, session) =
        world.ask(Method::POST, SESSIONS, &tma(person.telegram_id), Some(&local("session_keys"))).await;
    assert_eq!(status.as_u16(), 201, "{session}");
    let (_, _, own) = world.get(SESSIONS, Some(&person.access_token)).await;
    assert_eq!(own["sessions"][0]["id"], session["id"], "the same person by another credential");
    let body = for_person("session_keys", other.telegram_id);
    refused(&world.ask(Method::POST, SESSIONS, &tma(person.telegram_id), Some(&body)).await, 403);
    let path = format!("{SESSIONS}/{}", session["id"]);
    refused(&world.ask(Method::DELETE, &path, &tma(other.telegram_id), None).await, 404);
    assert_eq!(world.ask(Method::DELETE, &path, &tma(person.telegram_id), None).await.0.as_u16(), 200);
    refused(&world.ask(Method::GET, SESSIONS, &tma(4), None).await, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_request_is_not_told_to_a_role_that_may_not_act_for_people() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let bodies = [
        json!({}),
        json!([]),
        json!({ "telegram_id": person.telegram_id }),
        json!({ "telegram_id": person.telegram_id, "xdr": "AAAA" }),
        json!({ "telegram_id": 1, "kind": "other" }),
    ];
    for (role, status) in [("notifier", 403), ("mini_app_backend", 400)] {
        let key = [("x-api-key", world.service(role).api_key)];
        for (path, body) in ["/mini-app/sign-transaction", SESSIONS]
            .into_iter()
            .flat_map(|path| bodies.iter().map(move |body| (path, body)))
        {
            refused(&world.ask(Method::POST, path, &key, Some(body)).await, status);
        }
    }
    world.stop().await;
}
