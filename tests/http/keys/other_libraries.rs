//! Other people's libraries make transactions and judge what was signed.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::json;

use super::{bot_with, new_client};
use crate::world::World;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/http/keys/other_libraries.py");

/// What the script says; none where the library is not installed.
#[allow(clippy::explicit_write, reason = "the test harness hides what a passing test prints with eprintln")]
fn python(variable: &str, arguments: [&str; 3], input: &str) -> Option<String> {
    let Some(python) = std::env::var_os(variable) else {
        writeln!(std::io::stderr(), "{variable} is not set: NOT checked with the Python library").unwrap();
        return None;
    };
    let mut command = Command::new(python);
    command.arg(SCRIPT).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Some(String::from_utf8(ended.stdout).unwrap())
}

/// A bot with this key signs what the library has made, and the library takes it.
async fn both_ways(variable: &str, chain: &str, key: &str, at_least: usize) {
    let world = World::start().await;
    let client = new_client(&world).await;
    let body = json!({ "bot_type": "market_maker", "private_key": key });
    let bot = bot_with(&world, &client, &body).await;
    let shown = super::by(&world, &client, "GET", "/clients/{client}", None).await.json();
    let address = shown["key"]["address"].as_str().unwrap().to_owned();
    if let Some(made) = python(variable, ["make", chain, &address], "") {
        let mut signed = Vec::new();
        for transaction in made.split_whitespace() {
            let answer = bot.sign(&world, transaction).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            signed.push(answer.field("signed_transaction"));
        }
        assert!(signed.len() >= at_least);
        python(variable, ["check", chain, &address], &signed.join("\n"));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn solders_takes_what_a_solana_bot_has_signed() {
    let seed: [u8; 32] = std::array::from_fn(|_| fastrand::u8(..));
    let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    both_ways("SOLDERS_PYTHON", "solana", &bs58::encode([seed, public].concat()).into_string(), 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eth_account_takes_what_an_evm_bot_has_signed() {
    let key: String = (0..32).map(|_| format!("{:02x}", fastrand::u8(1..255))).collect();
    both_ways("ETH_ACCOUNT_PYTHON", "evm", &key, 3).await;
}
