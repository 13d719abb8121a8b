//! Begun: the answer has the contract's fields and no other, the table holds no secret, a newer one replaces the older.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{SESSIONS, client, key_pair, kms, local, turnkey, wallet};
use crate::{
    table::{attribute, bytes, holds, sealed},
    world::{World, payment, text},
};

/// What the contract names, and nothing else.
const FIELDS: [&str; 7] = ["id", "kind", "signer", "signing_method", "stellar_public_key", "created_at", "expires_at"];

fn is_the_contracts(session: &Value) {
    let names: BTreeSet<_> = session.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(FIELDS));
    assert!(session["id"].as_u64().is_some_and(|id| id > 0 && id < 1 << 53), "{session}");
    for name in ["created_at", "expires_at"] {
        assert!(text(session, name).ends_with('Z'), "{session}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_signer_answers_the_contracts_fields_and_never_a_secret() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let (secret, account) = key_pair([7; 32]);
    let (wallet, key_id) = (wallet(&world), &world.system.demo().kms.signing_key_id);
    let mut given = local("session_keys");
    given["stellar_secret"] = secret.as_str().into();
    let cases = [
        (local("session_keys"), "python_bot_kms", None),
        (local("legacy"), "python_bot_legacy", None),
        (given, "python_bot_kms", Some(account)),
        (kms(key_id), "python_bot_kms", None),
        (turnkey("session_keys", &wallet), "python_bot_kms", Some(wallet.sign_with.clone())),
        (turnkey("legacy", &wallet), "python_bot_legacy", Some(wallet.sign_with.clone())),
        (client(&wallet), "python_bot_tg_cloud", Some(wallet.sign_with.clone())),
    ];
    for (body, method, account) in cases {
        let session = world.session(&person.access_token, &body).await;
        is_the_contracts(&session);
        let named = |name: &str| (text(&session, name), text(&body, name));
        assert!(["kind", "signer"].map(named).iter().all(|(told, asked)| told == asked), "{session}");
        assert_eq!(text(&session, "signing_method"), method);
        assert!(account.is_none_or(|account| account == text(&session, "stellar_public_key")), "{session}");
        for hidden in [&secret, &wallet.api_private_key] {
            assert!(!session.to_string().contains(hidden.as_str()), "a secret came back");
        }
    }
    let stored = bytes(&world.items(person.telegram_id, "").await);
    let api_key = hex::decode(&wallet.api_private_key).unwrap();
    for hidden in [secret.as_bytes(), &[7; 32], wallet.api_private_key.as_bytes(), &api_key] {
        assert!(!holds(&stored, hidden), "a secret lies in the table");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_session_replaces_the_older_and_its_material_is_gone() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let first = world.session(&person.access_token, &local("session_keys")).await;
    let other_kind = world.session(&person.access_token, &local("legacy")).await;
    let before = world.items(person.telegram_id, "SLOT#session_keys").await;
    let material = sealed(&before[0]).unwrap();
    let second = world.session(&person.access_token, &local("session_keys")).await;
    assert_ne!(text(&first, "stellar_public_key"), text(&second, "stellar_public_key"));
    let everything = world.items(person.telegram_id, "").await;
    let slots: Vec<_> = everything.iter().filter(|item| attribute(item, "sk") == "SLOT#session_keys").collect();
    assert_eq!(slots.len(), 1);
    assert_eq!(attribute(slots[0], "session_id"), second["id"].to_string());
    assert!(!holds(&bytes(&everything), &material), "the older one's material is still there");
    assert_eq!(everything.iter().filter_map(sealed).count(), 2, "one material for each slot");
    for (session, status) in [(&first, "ended"), (&other_kind, "live"), (&second, "live")] {
        let path = format!("{SESSIONS}/{}", session["id"]);
        let (_, _, shown) = world.get(&path, Some(&person.access_token)).await;
        assert_eq!(text(&shown, "status"), status, "{shown}");
        assert_eq!(shown["ended_at"].is_string(), status == "ended", "{shown}");
    }
    let source = text(&second, "stellar_public_key");
    let (status, _, answer) = world.sign(&person.access_token, &payment(&source)).await;
    assert_eq!((status, text(&answer, "signing_method")), (StatusCode::OK, "python_bot_kms".into()));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_lives_as_long_as_asked_and_a_day_where_nothing_is_said() {
    let world = World::start().await;
    let person = world.newcomer().await;
    for (asked, seconds) in [(json!(null), 86_400), (json!(1), 1), (json!(7_776_000), 7_776_000)] {
        let mut body = local("session_keys");
        body["expires_in"] = asked;
        let session = world.session(&person.access_token, &body).await;
        assert_eq!(lives(&session), seconds, "{session}");
    }
    world.stop().await;
}

/// From `created_at` to `expires_at`, in seconds.
fn lives(session: &Value) -> i64 {
    let moment = |name: &str| countersign_core::Moment::parse_rfc3339(&text(session, name)).unwrap().millis();
    (moment("expires_at") - moment("created_at")) / 1000
}
