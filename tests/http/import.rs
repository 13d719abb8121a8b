//! `POST /api/v1/signing-sessions/import`: rows of the old database, opened once, sealed anew, and signing.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{
    Subject, TelegramId,
    idempotency::{IdempotencyKey, IdempotencyRecord, Progress},
    limits,
};
use countersign_edge::clock;
use countersign_store::{KeptAnswer, KeyScope};
use fernet::Fernet;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    signing_sessions::{SESSIONS, client, key_pair, local, turnkey, wallet},
    table::{bytes, holds, sealed},
    world::{Answered, TESTNET, World, fresh_account, payment, refused, signed_by, text, unix_seconds},
};

/// The route.
const IMPORT: &str = "/api/v1/signing-sessions/import";

/// The old database's key.
fn fernet(world: &World) -> Fernet {
    Fernet::new(&world.system.demo().import.fernet_key).unwrap()
}

async fn import(world: &World, rows: &[Value]) -> Answered {
    world.post(IMPORT, Some(&world.admin().access_token), &json!({ "rows": rows })).await
}

/// The results of an import that ran; no secret of the demo is in them.
async fn results(world: &World, rows: &[Value]) -> Vec<Value> {
    let (status, _, answer) = import(world, rows).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let results = answer["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), rows.len());
    for (row, result) in results.iter().enumerate() {
        assert_eq!(result["row"].as_u64(), Some(row as u64), "{result}");
        assert_eq!(result.get("reason").is_some(), result["status"] == "failed", "{result}");
        assert_eq!(result.get("session_id").is_some(), result["status"] == "imported", "{result}");
    }
    let shown = answer.to_string();
    assert!(!shown.contains(&world.system.demo().import.fernet_key), "the Fernet key came back");
    assert!(!shown.contains(&wallet(world).api_private_key) && !shown.contains("gAAAA"), "{shown}");
    results
}

/// A row with a Stellar secret.
fn keyed(world: &World, telegram_id: u64, seed: [u8; 32]) -> Value {
    let token = fernet(world).encrypt(key_pair(seed).0.as_bytes());
    json!({ "telegram_id": telegram_id, "encrypted_secret": token })
}

/// A row with a wallet at Turnkey, its API key encrypted.
fn walleted(world: &World, telegram_id: u64) -> Value {
    let mut row =
        json!({ "telegram_id": telegram_id, "turnkey": turnkey("legacy", &wallet(world))["turnkey"].clone() });
    let fields = row["turnkey"].as_object_mut().unwrap();
    let hidden = fields.remove("api_private_key").unwrap();
    let token = fernet(world).encrypt(hidden.as_str().unwrap().as_bytes());
    fields.insert("encrypted_api_private_key".into(), token.into());
    row
}

/// A row whose API key is in Telegram's cloud storage.
fn clouded(world: &World, telegram_id: u64) -> Value {
    let turnkey = client(&wallet(world))["turnkey"].clone();
    json!({ "telegram_id": telegram_id, "authenticator_type": "telegram_cloud", "turnkey": turnkey })
}

fn with(mut row: Value, name: &str, value: impl Into<Value>) -> Value {
    row[name] = value.into();
    row
}

/// Signs by launch data, which is what a person of the old database has.
async fn sign(world: &World, telegram_id: u64, xdr: &str) -> Answered {
    let tma = [("authorization", world.tma(telegram_id))];
    let body = json!({ "telegram_id": telegram_id, "xdr": xdr });
    world.ask(Method::POST, "/mini-app/sign-transaction", &tma, Some(&body)).await
}

async fn signs_as(world: &World, telegram_id: u64, account: &str, method: &str) {
    let xdr = payment(account);
    let (status, _, answer) = sign(world, telegram_id, &xdr).await;
    assert_eq!((status.as_u16(), text(&answer, "signing_method").as_str()), (200, method), "{answer}");
    signed_by(&text(&answer, "signed_xdr"), &xdr, TESTNET, account).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_row_is_imported_and_signs() {
    let world = World::start().await;
    let account = key_pair([1; 32]).1;
    let rows = [
        keyed(&world, 101, [1; 32]),
        with(keyed(&world, 102, [1; 32]), "authenticator_type", "session_keys"),
        with(
            with(keyed(&world, 103, [1; 32]), "stellar_public_key", account.as_str()),
            "expires_at",
            "2099-01-01T00:00:00Z",
        ),
        walleted(&world, 104),
        with(walleted(&world, 105), "authenticator_type", "session_keys"),
        clouded(&world, 106),
        json!({ "telegram_id": 107 }),
        with(keyed(&world, 108, [1; 32]), "expires_at", "2020-01-01T00:00:00+02:00"),
    ];
    let results = results(&world, &rows).await;
    let statuses: Vec<_> = results.iter().map(|result| text(result, "status")).collect();
    let expected = ["imported", "imported", "imported", "imported", "imported", "imported", "marked", "imported"];
    assert_eq!(statuses, expected, "{results:?}");
    signs_as(&world, 101, &account, "python_bot_legacy").await;
    signs_as(&world, 102, &account, "python_bot_kms").await;
    signs_as(&world, 103, &account, "python_bot_legacy").await;
    let wallet = wallet(&world).sign_with;
    signs_as(&world, 104, &wallet, "python_bot_legacy").await;
    signs_as(&world, 105, &wallet, "python_bot_kms").await;
    let (_, _, stamp) = sign(&world, 106, &payment(&wallet)).await;
    assert!(stamp["stamp_request"]["body"].is_string() && stamp["signing_method"] == "python_bot_tg_cloud", "{stamp}");
    for (telegram_id, method) in [(107, "python_bot_legacy"), (108, "session_expired")] {
        let answered = sign(&world, telegram_id, &payment(&account)).await;
        assert_eq!(refused(&answered, 401), "No active session");
        assert_eq!(answered.2["signing_method"], method);
    }
    nothing_is_plain(&world).await;
    world.stop().await;
}

/// Neither seeds nor API keys nor their tokens lie in the table.
async fn nothing_is_plain(world: &World) {
    let api_key = wallet(world).api_private_key;
    for telegram_id in 101..=108 {
        let stored = bytes(&world.items(telegram_id, "").await);
        let secret = key_pair([1; 32]).0;
        for hidden in [&[1; 32][..], secret.as_bytes(), api_key.as_bytes(), &hex::decode(&api_key).unwrap(), b"gAAAA"] {
            assert!(!holds(&stored, hidden), "{telegram_id}: plain in the table");
        }
    }
}

/// RFC 3339 in another offset than UTC.
fn in_days(days: i64) -> String {
    let seconds = i64::try_from(unix_seconds()).unwrap() + days * 86_400 + 7_200;
    countersign_core::Moment::from_seconds(seconds).to_rfc3339().replace('Z', "+02:00")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_session_is_shown_as_the_row_said_and_lives_ninety_days_at_most() {
    let world = World::start().await;
    let account = key_pair([2; 32]).1;
    for (telegram_id, days, expected) in [(201, 30, 30), (202, 3_650, 90)] {
        let row = with(keyed(&world, telegram_id, [2; 32]), "expires_at", in_days(days));
        let imported = results(&world, &[row]).await;
        let tma = [("authorization", world.tma(telegram_id))];
        let (_, _, page) = world.ask(Method::GET, SESSIONS, &tma, None).await;
        let session = &page["sessions"][0];
        assert_eq!(session["id"], imported[0]["session_id"]);
        let shown = ["kind", "signer", "signing_method", "stellar_public_key", "status"];
        let said = ["legacy", "local", "python_bot_legacy", &account, "live"];
        assert_eq!(shown.map(|name| text(session, name)), said.map(str::to_owned));
        let expires = countersign_core::Moment::parse_rfc3339(&text(session, "expires_at")).unwrap().seconds();
        let left = expires - i64::try_from(unix_seconds()).unwrap();
        assert!((expected * 86_400 - left).abs() < 60, "{left} s left: {session}");
    }
    world.stop().await;
}

/// Rows that are wrong, with a word of the reason that is told.
fn wrong_rows(world: &World, telegram_id: u64) -> Vec<(Value, &'static str)> {
    let (keyed, walleted, clouded) =
        (keyed(world, telegram_id, [3; 32]), walleted(world, telegram_id), clouded(world, telegram_id));
    let encrypted =
        |text: &[u8]| with(json!({ "telegram_id": telegram_id }), "encrypted_secret", fernet(world).encrypt(text));
    let foreign = Fernet::new(&Fernet::generate_key()).unwrap().encrypt(key_pair([3; 32]).0.as_bytes());
    let within = |row: &Value, name: &str, value: &str| {
        let mut row = row.clone();
        row["turnkey"][name] = value.into();
        row
    };
    let plain = within(&walleted, "encrypted_api_private_key", &wallet(world).api_private_key);
    let other_key = within(&walleted, "encrypted_api_private_key", &fernet(world).encrypt("11".repeat(32).as_bytes()));
    let no_point = format!("02{}", "ff".repeat(32));
    vec![
        (with(keyed.clone(), "encrypted_secret", foreign), "does not open"),
        (with(keyed.clone(), "encrypted_secret", key_pair([3; 32]).0), "does not open"),
        (with(keyed.clone(), "encrypted_secret", ""), "does not open"),
        (encrypted(b""), "no Stellar secret"),
        (encrypted(key_pair([3; 32]).1.as_bytes()), "no Stellar secret"),
        (encrypted(&[3; 32]), "no Stellar secret"),
        (with(keyed.clone(), "stellar_public_key", fresh_account()), "not the key's own"),
        (with(keyed.clone(), "expires_at", "tomorrow"), "expires_at"),
        (with(keyed.clone(), "expires_at", "2026-01-01 00:00:00"), "expires_at"),
        (with(keyed.clone(), "authenticator_type", "telegram_cloud"), "telegram_cloud"),
        (with(keyed.clone(), "turnkey", walleted["turnkey"].clone()), "either"),
        (plain, "does not open"),
        (other_key, "api_private_key"),
        (with(walleted.clone(), "authenticator_type", "telegram_cloud"), "telegram_cloud"),
        (with(clouded.clone(), "authenticator_type", "legacy"), "telegram_cloud"),
        (within(&walleted, "sign_with", "an-id"), "stellar_public_key"),
        (with(walleted.clone(), "stellar_public_key", fresh_account()), "not the key's own"),
        (within(&walleted, "api_public_key", "02"), "api_public_key"),
        (within(&walleted, "api_public_key", &no_point), "api_public_key"),
        (within(&clouded, "api_public_key", &no_point), "api_public_key"),
        (within(&clouded, "organization_id", ""), "organization_id"),
        (within(&clouded, "more", "x"), "form"),
        (with(keyed.clone(), "authenticator_type", "unknown"), "form"),
        (with(keyed.clone(), "password", "hunter2"), "form"),
        (with(keyed.clone(), "telegram_id", 0), "form"),
        (with(keyed.clone(), "telegram_id", telegram_id.to_string()), "form"),
        (with(keyed, "telegram_id", Value::Null), "form"),
        (json!({ "authenticator_type": "legacy" }), "form"),
        (json!([]), "form"),
        (json!("row"), "form"),
        (Value::Null, "form"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_row_fails_alone_and_says_why() {
    let world = World::start().await;
    let wrong = wrong_rows(&world, 301);
    let mut rows: Vec<Value> = wrong.iter().map(|(row, _)| row.clone()).collect();
    rows.push(keyed(&world, 302, [4; 32]));
    let results = results(&world, &rows).await;
    for ((row, word), result) in wrong.iter().zip(&results) {
        assert_eq!(result["status"], "failed", "{row}: {result}");
        assert!(text(result, "reason").contains(word), "{row}: {result} does not say {word:?}");
        let secrets = [key_pair([3; 32]).0, "hunter2".into(), "11".repeat(32)];
        assert!(secrets.iter().all(|secret| !result.to_string().contains(secret.as_str())), "{result}");
    }
    assert_eq!(results.last().unwrap()["status"], "imported", "the good row behind them");
    signs_as(&world, 302, &key_pair([4; 32]).1, "python_bot_legacy").await;
    assert!(world.items(301, "").await.is_empty(), "a failed row left something behind");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_sent_again_are_skipped() {
    let world = World::start().await;
    let rows =
        [keyed(&world, 401, [5; 32]), walleted(&world, 402), clouded(&world, 403), json!({ "telegram_id": 404 })];
    let first = results(&world, &rows).await;
    let before = world.items(401, "SLOT#").await;
    let again = results(&world, &rows).await;
    let statuses = |results: &[Value]| results.iter().map(|result| text(result, "status")).collect::<Vec<_>>();
    assert_eq!(statuses(&first), ["imported", "imported", "imported", "marked"]);
    assert_eq!(statuses(&again), ["skipped", "skipped", "skipped", "marked"]);
    let after = world.items(401, "SLOT#").await;
    assert_eq!(before.iter().map(sealed).collect::<Vec<_>>(), after.iter().map(sealed).collect::<Vec<_>>());
    let twins = [keyed(&world, 405, [5; 32]), keyed(&world, 405, [6; 32])];
    assert_eq!(statuses(&results(&world, &twins).await), ["imported", "skipped"], "the first of two counts");
    signs_as(&world, 405, &key_pair([5; 32]).1, "python_bot_legacy").await;
    world.stop().await;
}

/// What a person began or ended by themself is newer than the old database, whatever is sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_neither_replaces_a_session_nor_brings_an_ended_one_back() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let begun = world.session(&person.access_token, &local("legacy")).await;
    let row = keyed(&world, person.telegram_id, [7; 32]);
    assert_eq!(results(&world, std::slice::from_ref(&row)).await[0]["status"], "skipped");
    signs_as(&world, person.telegram_id, &text(&begun, "stellar_public_key"), "python_bot_legacy").await;
    let row = keyed(&world, 501, [7; 32]);
    let imported = results(&world, std::slice::from_ref(&row)).await;
    let tma = [("authorization", world.tma(501))];
    let path = format!("{SESSIONS}/{}", imported[0]["session_id"]);
    assert_eq!(world.ask(Method::DELETE, &path, &tma, None).await.0.as_u16(), 200);
    assert_eq!(results(&world, &[row]).await[0]["status"], "skipped", "a revoked key came back");
    let answered = sign(&world, 501, &payment(&key_pair([7; 32]).1)).await;
    assert_eq!(refused(&answered, 401), "No active session");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_rows_are_the_most() {
    let world = World::start().await;
    let rows = |count: u64| (0..count).map(|place| json!({ "telegram_id": 6_000 + place })).collect::<Vec<_>>();
    for bad in [0, 101, 1000] {
        assert_eq!(refused(&import(&world, &rows(bad)).await, 400), "rows must be 1 to 100");
    }
    assert!(world.items(6_000, "").await.is_empty(), "a refused import marked somebody");
    let all = results(&world, &rows(100)).await;
    assert!(all.iter().all(|result| result["status"] == "marked"), "{all:?}");
    for body in [json!({}), json!({ "rows": {} }), json!({ "rows": null }), json!({ "rows": [], "more": 1 }), json!([])]
    {
        refused(&world.post(IMPORT, Some(&world.admin().access_token), &body).await, 400);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_no_admin_imports_nothing() {
    let world = World::start().await;
    let body = json!({ "rows": [keyed(&world, 701, [8; 32])] });
    let person = world.person("python_bot_kms");
    refused(&world.post(IMPORT, Some(&person.access_token), &body).await, 403);
    refused(&world.post(IMPORT, None, &body).await, 401);
    for service in world.system.demo().services.clone() {
        let key = [("x-api-key", service.api_key.clone())];
        refused(&world.ask(Method::POST, IMPORT, &key, Some(&body)).await, 401);
        let headers = world.signed_headers(&service, "POST", IMPORT, body.to_string().as_bytes());
        refused(&world.ask(Method::POST, IMPORT, &headers, Some(&body)).await, 401);
    }
    let admin = world.admin();
    let tma = [("authorization", world.tma(admin.telegram_id))];
    refused(&world.ask(Method::POST, IMPORT, &tma, Some(&body)).await, 401);
    assert!(world.items(701, "").await.is_empty());
    assert_eq!(world.post(IMPORT, Some(&admin.access_token), &body).await.0.as_u16(), 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_imports_secret_it_is_a_503_that_shows_nothing_of_it() {
    let world = World::start().await;
    let id = world.system.environment().required("IMPORT_SECRET_ID").unwrap().to_owned();
    let secrets = aws_sdk_secretsmanager::Client::new(&world.system.sdk_config());
    let row = keyed(&world, 801, [9; 32]);
    for text in ["no json", "{}", r#"{"fernet_keys":["canary-key-canary"]}"#] {
        secrets.put_secret_value().secret_id(&id).secret_string(text).send().await.unwrap();
        let answered = import(&world, std::slice::from_ref(&row)).await;
        refused(&answered, 503);
        assert!(!answered.2.to_string().contains("canary") && !answered.2.to_string().contains(&id), "{}", answered.2);
    }
    secrets.delete_secret().secret_id(&id).force_delete_without_recovery(true).send().await.unwrap();
    refused(&import(&world, &[row]).await, 503);
    assert!(world.items(801, "").await.is_empty());
    world.stop().await;
}

/// An import under a key.
async fn under(world: &World, key: &str, rows: &[Value]) -> Answered {
    let headers =
        [("authorization", format!("Bearer {}", world.admin().access_token)), ("idempotency-key", key.into())];
    world.ask(Method::POST, IMPORT, &headers, Some(&json!({ "rows": rows }))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_parallel_imports_under_one_key_one_runs() {
    let world = World::start().await;
    let rows: Vec<Value> = (0..20).map(|index| keyed(&world, 9_100 + index, [30; 32])).collect();
    let answers = futures_util::future::join_all((0..6).map(|_| under(&world, "k-1", &rows))).await;
    let ran: Vec<_> = answers
        .iter()
        .filter(|(status, headers, _)| {
            assert!(matches!(status.as_u16(), 200 | 409), "{status}");
            *status == StatusCode::OK && !headers.contains_key("idempotent-replayed")
        })
        .collect();
    let [ran] = ran.as_slice() else { panic!("{answers:?}") };
    assert!(ran.2["results"].as_array().unwrap().iter().all(|row| row["status"] == "imported"), "{}", ran.2);
    let (status, headers, again) = under(&world, "k-1", &rows).await;
    assert_eq!((status, &again), (StatusCode::OK, &ran.2));
    assert!(headers.contains_key("idempotent-replayed"));
    refused(&under(&world, "k-1", &rows[1..]).await, 422);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_failed_may_be_sent_again_at_once_under_its_key() {
    let world = World::start().await;
    let id = world.system.environment().required("IMPORT_SECRET_ID").unwrap().to_owned();
    let secrets = aws_sdk_secretsmanager::Client::new(&world.system.sdk_config());
    let good = secrets.get_secret_value().secret_id(&id).send().await.unwrap().secret_string.unwrap();
    let row = [keyed(&world, 9_200, [31; 32])];
    secrets.put_secret_value().secret_id(&id).secret_string("{}").send().await.unwrap();
    refused(&under(&world, "k-1", &row).await, 503);
    secrets.put_secret_value().secret_id(&id).secret_string(good).send().await.unwrap();
    let (status, headers, answer) = under(&world, "k-1", &row).await;
    assert_eq!((status, headers.contains_key("idempotent-replayed")), (StatusCode::OK, false), "{answer}");
    assert_eq!(answer["results"][0]["status"], "imported", "{answer}");
    world.stop().await;
}

/// Another run of the same request holds the key, since so many seconds.
async fn claimed_by_another(world: &World, rows: &[Value], seconds_ago: i64) {
    let admin = world.admin();
    under(world, "k-1", rows).await;
    let written_at = (i64::try_from(unix_seconds()).unwrap() - seconds_ago) * 1000;
    let partition = format!("SUBJECT#t:{}", admin.telegram_id);
    world.change(&partition, "IDEMPOTENCY#", "progress", AttributeValue::S("running".into())).await;
    world.change(&partition, "IDEMPOTENCY#", "written_at", AttributeValue::N(written_at.to_string())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_claim_of_a_run_that_was_left_is_taken_over_and_no_other() {
    let world = World::start().await;
    let rows = [keyed(&world, 9_300, [32; 32])];
    claimed_by_another(&world, &rows, limits::INTENT_LEASE_SECONDS - 5).await;
    let busy = under(&world, "k-1", &rows).await;
    refused(&busy, 409);
    assert!(busy.1.contains_key("retry-after"));
    claimed_by_another(&world, &rows, limits::INTENT_LEASE_SECONDS + 1).await;
    let (status, headers, answer) = under(&world, "k-1", &rows).await;
    assert_eq!((status, headers.contains_key("idempotent-replayed")), (StatusCode::OK, false), "{answer}");
    assert_eq!(under(&world, "k-1", &rows).await.2, answer, "its answer is kept");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_ends_its_own_claim_and_no_other() {
    let world = World::start().await;
    let key = IdempotencyKey::read(b"k-1", "POST /api/v1/signing-sessions/import", IMPORT, b"{}").unwrap();
    let scope = KeyScope::Subject(Subject::Telegram(TelegramId::new(world.admin().telegram_id).unwrap()));
    let (store, now) = (world.system.store(), clock::now());
    let (asked, before) = (Some((scope, &key)), now.plus_seconds(-limits::INTENT_LEASE_SECONDS));
    assert!(store.begin_run(asked, before).await.unwrap().is_none());
    assert!(store.begin_run(asked, now).await.unwrap().is_none(), "it was left, and is taken over");
    store.end_run(asked, before).await;
    store.begin_run(asked, now).await.unwrap_err();
    let late = IdempotencyRecord::open(&key, Progress::Finished, before);
    store.keep_answer_of_run(&KeptAnswer { scope, key: &key, record: late }).await.unwrap();
    store.begin_run(asked, now).await.unwrap_err();
    store.end_run(asked, now).await;
    assert!(store.begin_run(asked, now).await.unwrap().is_none(), "it was freed by its own run");
    world.stop().await;
}
