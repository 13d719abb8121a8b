//! Launch data becomes a login.

use reqwest::Method;
use serde_json::{Value, json};

use countersign_edge::Environment;
use countersign_local::Options;
use countersign_testkit::LaunchData;

use super::MINI_APP;
use crate::world::{Answered, World, refused, text};

async fn log_in(world: &World, telegram_id: u64, key: Option<&str>) -> Answered {
    let mut headers = vec![("authorization", world.tma(telegram_id))];
    headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
    world.ask(Method::POST, MINI_APP, &headers, Some(&json!({}))).await
}

fn parts(token: &str) -> Value {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_for_the_first_time_becomes_a_person() {
    let world = World::start().await;
    let (status, _, pair) = log_in(&world, 65_300_001, None).await;
    assert_eq!((status.as_u16(), &pair["expires_in"]), (200, &json!(900)), "{pair}");
    let (access, refresh) = (text(&pair, "access_token"), text(&pair, "refresh_token"));
    let claims = parts(&access);
    assert_eq!(claims["sub"], pair["user_id"].as_u64().unwrap().to_string());
    assert_eq!(claims["telegram_id"], 65_300_001);
    assert!(refresh.starts_with("csr_") && refresh.len() > 50, "{refresh}");
    let session = world.session(&access, &json!({ "kind": "session_keys", "signer": "local" })).await;
    assert!(session["id"].is_u64());
    let (_, _, again) = log_in(&world, 65_300_001, None).await;
    assert_eq!(again["user_id"], pair["user_id"]);
    assert_ne!(text(&again, "refresh_token"), refresh, "each login is its own");
    assert_ne!(parts(&text(&again, "access_token"))["sid"], claims["sid"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_first_times_at_once_make_one_person() {
    let world = World::start().await;
    let answers = futures_util::future::join_all((0..10).map(|_| log_in(&world, 65_300_002, None))).await;
    let ids: Vec<_> = answers.iter().map(|answer| (answer.0.as_u16(), answer.2["user_id"].as_u64())).collect();
    assert!(ids.iter().all(|id| *id == ids[0] && id.0 == 200), "{ids:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_person_stays_who_they_are() {
    let world = World::start().await;
    let person = world.named("kms");
    let (_, _, pair) = log_in(&world, person.telegram_id, None).await;
    assert_eq!(pair["user_id"].as_u64(), Some(person.user_id));
    let xdr = crate::world::payment(person.stellar_public_key.as_deref().unwrap());
    let (status, _, signed) = world.sign(&text(&pair, "access_token"), &xdr).await;
    assert_eq!(status.as_u16(), 200, "{signed}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_logs_in_once_and_no_token_lies_in_the_table() {
    let world = World::start().await;
    let (first, again) = (log_in(&world, 65_300_003, Some("k")).await, log_in(&world, 65_300_003, Some("k")).await);
    assert_eq!((first.0.as_u16(), &first.2), (200, &again.2));
    assert_eq!(again.1["idempotent-replayed"], "true");
    let table = aws_sdk_dynamodb::Client::new(&world.system.sdk_config());
    let items = table.scan().table_name(world.system.store().table()).send().await.unwrap().items.unwrap_or_default();
    let all = format!("{items:?}");
    for name in ["access_token", "refresh_token"] {
        // Behind its ids: `header.claims.signature`, `csr_user_login_secret`.
        let token = text(&first.2, name);
        let secret =
            if name == "access_token" { token.rsplit('.').next() } else { token.splitn(4, '_').last() }.unwrap();
        assert!(secret.len() >= 40 && !all.contains(secret), "{name} is in the table");
    }
    assert!(all.contains("LOGIN#"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_launch_data_logs_in() {
    let world = World::start().await;
    refused(&world.post(MINI_APP, Some(&world.admin().access_token), &json!({})).await, 401);
    refused(&world.post(MINI_APP, None, &json!({})).await, 401);
    let key = [("x-api-key", world.service("mini_app_backend").api_key)];
    refused(&world.ask(Method::POST, MINI_APP, &key, Some(&json!({}))).await, 403);
    let stolen = world.tma(65_300_004).replace("65300004", "65300005");
    refused(&world.ask(Method::POST, MINI_APP, &[("authorization", stolen)], Some(&json!({}))).await, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_of_one_key_are_one_login() {
    let world = World::start().await;
    let answers = futures_util::future::join_all((0..10).map(|_| log_in(&world, 65_300_006, Some("at-once")))).await;
    let given: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.2.to_string()).collect();
    assert!(answers.iter().all(|answer| answer.0.as_u16() == 200) && given.len() == 1, "{given:?}");
    assert_eq!(world.items(65_300_006, "LOGIN#").await.len(), 1);
    world.stop().await;
}

/// With a real bot its mini-app's launch data is let in, and what the made-up bot of before has signed is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn launch_data_is_the_configured_bots() {
    const REAL: &str = "7123456789:AAF-a_token_of_the_form_of_telegrams_own";
    let data = tempfile::tempdir().unwrap();
    let options = Options { data: Some(data.path().to_owned()), ..Options::default() };
    let world = World::of(options.clone()).await;
    let made_up = world.system.demo().bot.token.clone();
    world.stop().await;
    let environment = Environment::default().with("BOT_TOKEN", REAL).with("TELEGRAM_API_URL", "http://127.0.0.1:9");
    let world = World::of(Options { environment, ..options }).await;
    assert_eq!(world.system.demo().bot.token, REAL);
    let launch = async |token: &str| {
        let signed = LaunchData::of(65_300_003).signed(token);
        let headers = [("authorization", format!("tma {signed}"))];
        world.ask(Method::POST, MINI_APP, &headers, Some(&json!({}))).await.0.as_u16()
    };
    assert_eq!((launch(REAL).await, launch(&made_up).await), (200, 401));
    world.stop().await;
}
