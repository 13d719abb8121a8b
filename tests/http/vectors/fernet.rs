//! Fernet tokens through the import: what must open opens, whatever its age, and what must not is refused alike.

use aws_sdk_secretsmanager::Client;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::files::{own, published};
use crate::world::World;

/// A token that opens holds no Stellar secret in these vectors, and that is what is said of it.
const OPENED: &str = "encrypted_secret holds no Stellar secret seed";
/// Whatever else is wrong with a token.
const CLOSED: &str = "the Fernet token does not open";

#[derive(Deserialize)]
struct Token {
    secret: String,
    token: String,
    #[serde(default)]
    desc: String,
}

#[derive(Deserialize)]
struct Generated {
    count: usize,
    generated_with_python_cryptography: Vec<Token>,
}

#[derive(Deserialize)]
struct Published {
    generate: Vec<Token>,
    verify: Vec<Token>,
    invalid: Vec<Token>,
}

/// The import's keys are what Secrets Manager says at the moment of the import.
async fn keys(world: &World, keys: &[&str]) {
    let id = world.system.environment().required("IMPORT_SECRET_ID").unwrap();
    let text = json!({ "fernet_keys": keys }).to_string();
    let client = Client::new(&world.system.sdk_config());
    client.put_secret_value().secret_id(id).secret_string(text).send().await.unwrap();
}

/// What the import says of a token that should hold a secret.
async fn reason(world: &World, token: &str) -> String {
    let row = json!({ "telegram_id": world.newcomer().await.telegram_id, "encrypted_secret": token });
    let admin = world.admin().access_token;
    let body = json!({ "rows": [row] });
    let (status, _, answer) = world.post("/api/v1/signing-sessions/import", Some(&admin), &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let result: &Value = &answer["results"][0];
    assert_eq!((result["row"].as_u64(), result["status"].as_str()), (Some(0), Some("failed")), "{answer}");
    assert!(!answer.to_string().contains(token) || token.is_empty(), "the token came back");
    result["reason"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_tokens_open_with_their_key_and_with_no_other() {
    let file: Generated = own("fernet.json");
    let tokens = &file.generated_with_python_cryptography;
    assert_eq!((file.count, tokens.len()), (12, 12));
    let world = World::start().await;
    for token in tokens {
        assert_eq!(reason(&world, &token.token).await, CLOSED, "another key opened it");
    }
    for (place, token) in tokens.iter().enumerate() {
        let other = &tokens[(place + 1) % tokens.len()].secret;
        keys(&world, &[other, &token.secret]).await;
        assert_eq!(reason(&world, &token.token).await, OPENED, "{place}: a second key opens as well");
        for bad in spoiled(&token.token) {
            assert_eq!(reason(&world, &bad).await, CLOSED, "{place}: {bad}");
        }
    }
    world.stop().await;
}

/// One character changed at each end and in the middle, cut short, grown, of another version, empty.
fn spoiled(token: &str) -> Vec<String> {
    let changed = |place: usize| {
        let other = if token[place..].starts_with('x') { "y" } else { "x" };
        format!("{}{other}{}", &token[..place], &token[place + 1..])
    };
    let mut all: Vec<String> = [0, 2, 12, 20, token.len() / 2, token.len() - 8].map(changed).into();
    all.extend([token[..token.len() - 4].to_owned(), format!("{token}AAAA"), String::new(), "AAAA".into()]);
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_tokens_open_as_their_spec_says_age_left_out() {
    let Some(file) = published::<Published>("fernet.json") else { return };
    assert_eq!((file.generate.len(), file.verify.len(), file.invalid.len()), (1, 1, 8));
    let world = World::start().await;
    // Two are invalid by their age alone, which the keys of an old database cannot be judged by.
    let aged = |token: &Token| token.desc.contains("TTL") || token.desc.contains("far-future");
    assert_eq!(file.invalid.iter().filter(|token| aged(token)).count(), 2);
    let good = file.generate.iter().chain(&file.verify).map(|token| (token, OPENED));
    let bad = file.invalid.iter().map(|token| (token, if aged(token) { OPENED } else { CLOSED }));
    for (token, expected) in good.chain(bad) {
        keys(&world, &[&token.secret]).await;
        assert_eq!(reason(&world, &token.token).await, expected, "{}", token.desc);
    }
    world.stop().await;
}
