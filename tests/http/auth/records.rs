//! What becomes of the records: whose id stays, what is merged, what is in the way.

use reqwest::Method;
use serde_json::json;

use super::{MINI_APP, code, confirm, unbound};
use crate::{
    telegram::{answered, stranger, texts, until},
    world::{World, refused, text},
};

const ANOTHERS: &str = "This Telegram account belongs to another account";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bot_knows_comes_along() {
    let world = World::start().await;
    let telegram_id = stranger(&world, 65_200_001, Some("en")).await;
    answered(&world, telegram_id, "/language ru").await;
    let (user_id, token) = unbound(&world).await;
    let (status, _, confirmed) = confirm(&world, &token, &code(&world, telegram_id).await, telegram_id).await;
    assert_eq!((status.as_u16(), confirmed["user_id"].as_u64()), (200, Some(user_id)), "{confirmed}");
    let chat = i64::try_from(telegram_id).unwrap();
    let is_told =
        async || texts(&world, chat).await.iter().any(|text| text.contains("привязан к вашему")).then_some(());
    until("the chat is told", is_told).await;
    assert!(answered(&world, telegram_id, "/help").await.starts_with("Вот что я умею"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_of_the_mini_app_is_not_in_the_way() {
    let world = World::start().await;
    let tma = [("authorization", world.tma(65_200_002))];
    let (status, _, pair) = world.ask(Method::POST, MINI_APP, &tma, Some(&json!({}))).await;
    assert_eq!(status.as_u16(), 200, "{pair}");
    let (user_id, token) = unbound(&world).await;
    let (status, _, confirmed) = confirm(&world, &token, &code(&world, 65_200_002).await, 65_200_002).await;
    assert_eq!((status.as_u16(), confirmed["user_id"].as_u64()), (200, Some(user_id)), "{confirmed}");
    // The mini-app's token spoke for the id that is no more.
    let old = text(&pair, "access_token");
    assert_eq!(refused(&world.get("/api/v1/signing-sessions", Some(&old)).await, 404), "Unknown person");
    let (_, _, pair) = world.ask(Method::POST, MINI_APP, &tma, Some(&json!({}))).await;
    assert_eq!(pair["user_id"].as_u64(), Some(user_id));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_sessions_is_not_merged() {
    let world = World::start().await;
    let signer = world.signer(None).await;
    let (_, token) = unbound(&world).await;
    let taken = confirm(&world, &token, &code(&world, signer.telegram_id).await, signer.telegram_id).await;
    assert_eq!(refused(&taken, 409), ANOTHERS);
    // Their sessions that have ended count as well: they have a history.
    for name in ["expired", "old", "admin"] {
        let (_, token) = unbound(&world).await;
        let person = world.named(name);
        let taken = confirm(&world, &token, &code(&world, person.telegram_id).await, person.telegram_id).await;
        assert_eq!(refused(&taken, 409), ANOTHERS, "{name}");
    }
    let xdr = crate::world::payment(signer.stellar_public_key.as_deref().unwrap());
    assert_eq!(world.sign(&signer.access_token, &xdr).await.0.as_u16(), 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_sessions_are_ended_first_because_their_keys_would_be_lost() {
    let world = World::start().await;
    let (user_id, token) = unbound(&world).await;
    let session = world.session(&token, &json!({ "kind": "session_keys", "signer": "local" })).await;
    let chat = 65_200_003;
    let kept = confirm(&world, &token, &code(&world, chat).await, chat).await;
    assert!(refused(&kept, 409).starts_with("End your signing sessions first"));
    let (status, _, _) = world.delete(&format!("/api/v1/signing-sessions/{}", session["id"]), Some(&token)).await;
    assert_eq!(status.as_u16(), 200);
    let (status, _, confirmed) = confirm(&world, &token, &code(&world, chat).await, chat).await;
    assert_eq!((status.as_u16(), confirmed["user_id"].as_u64()), (200, Some(user_id)), "{confirmed}");
    world.stop().await;
}

/// A code that was not used up by a refusal is still good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_binding_changes_nothing() {
    let world = World::start().await;
    let signer = world.signer(None).await;
    let shown = code(&world, signer.telegram_id).await;
    let (_, token) = unbound(&world).await;
    refused(&confirm(&world, &token, &shown, signer.telegram_id).await, 409);
    let (status, _, page) = world.get("/api/v1/signing-sessions", Some(&token)).await;
    assert_eq!((status.as_u16(), &page["sessions"]), (200, &json!([])));
    let own = confirm(&world, &signer.access_token, &shown, signer.telegram_id).await;
    assert_eq!((own.0.as_u16(), own.2["user_id"].as_u64()), (200, Some(signer.user_id)), "{}", own.2);
    world.stop().await;
}
