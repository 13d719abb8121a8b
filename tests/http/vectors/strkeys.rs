//! Keys of SEP-23 wherever a client names one: what the standard calls invalid is a 400 that shows nothing of it.

use countersign_local::demo::Wallet;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::files::published;
use crate::world::{World, fresh_account, refused, text};

#[derive(Deserialize)]
struct Strkeys {
    valid: Vec<Strkey>,
    invalid: Vec<Strkey>,
    extra: Vec<Strkey>,
}

#[derive(Deserialize)]
struct Strkey {
    strkey: String,
    valid: Option<bool>,
}

/// A session of a wallet at Turnkey whose account is named in one of the two places.
fn turnkey(wallet: &Wallet, sign_with: &str, account: Option<&str>) -> Value {
    let mut body = json!({
        "kind": "legacy", "signer": "turnkey",
        "turnkey": {
            "organization_id": wallet.organization_id, "sign_with": sign_with,
            "api_public_key": wallet.api_public_key, "api_private_key": wallet.api_private_key,
        },
    });
    if let Some(account) = account {
        body["stellar_public_key"] = account.into();
    }
    body
}

fn local(secret: &str) -> Value {
    json!({ "kind": "session_keys", "signer": "local", "stellar_secret": secret })
}

/// What this key is refused as, and what it is taken as.
async fn check(world: &World, token: &str, key: &str, valid: bool) {
    let wallet = world.system.demo().turnkey.clone().unwrap();
    // A muxed address names more than an account.
    let account = valid && key.starts_with('G');
    let places = [
        (local(key), valid && key.starts_with('S')),
        (turnkey(&wallet, "a-private-key-id", Some(key)), account),
        (turnkey(&wallet, key, None), account),
    ];
    for (body, good) in places {
        let answered = world.post("/api/v1/signing-sessions", Some(token), &body).await;
        if good {
            assert_eq!(answered.0, StatusCode::CREATED, "{body}: {}", answered.2);
            assert!(text(&answered.2, "stellar_public_key").starts_with('G'));
        } else {
            refused(&answered, 400);
        }
        assert!(!answered.2.to_string().contains(key) || key.starts_with('G'), "{key} came back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_strkeys_are_taken_as_sep_23_says() {
    let Some(file) = published::<Strkeys>("stellar_sep23_strkeys.json") else { return };
    let world = World::start().await;
    let person = world.newcomer().await;
    let extra = file.extra.iter().map(|key| (key, key.valid.unwrap()));
    let valid = file.valid.iter().map(|key| (key, true));
    let all: Vec<_> = valid.chain(file.invalid.iter().map(|key| (key, false))).chain(extra).collect();
    assert_eq!(all.len(), 80);
    for (key, valid) in all {
        check(&world, &person.access_token, &key.strkey, valid).await;
    }
    world.stop().await;
}

/// The same without the published file: each way to spoil a good key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spoiled_strkey_is_refused() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let account = fresh_account();
    let raw = stellar_strkey::ed25519::PublicKey::from_string(&account).unwrap().0;
    let secret = stellar_strkey::ed25519::PrivateKey(raw).as_unredacted().to_string().as_str().to_owned();
    for good in [account, secret] {
        check(&world, &person.access_token, &good, true).await;
        for bad in spoiled(&good) {
            check(&world, &person.access_token, &bad, false).await;
        }
    }
    world.stop().await;
}

/// Another letter in each place, one letter less and more, padding, blanks, lower case.
fn spoiled(good: &str) -> Vec<String> {
    let mut all: Vec<String> = (1..good.len())
        .map(|place| {
            let other = if good[place..].starts_with('A') { "B" } else { "A" };
            format!("{}{other}{}", &good[..place], &good[place + 1..])
        })
        .collect();
    all.push(good[..good.len() - 1].to_owned());
    all.extend(["A", "=", " ", "\n", "\0"].map(|more| format!("{good}{more}")));
    all.push(format!(" {good}"));
    all.push(good.to_ascii_lowercase());
    all
}
