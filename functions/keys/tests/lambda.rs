//! The built binaries as they are deployed: a runner's signature on each chain, what it costs, and what is left of the key.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_local::{LocalSystem, Options, demo::DemoClient};
use countersign_testkit::{Call, Client, LambdaProcess, MaskedKey, schedule_event};
use serde::Deserialize;
use serde_json::{Value, json};

const KEYS: &str = env!("CARGO_BIN_EXE_keys");
const MONITOR: &str = env!("CARGO_BIN_EXE_keys-monitor");

/// Made by other people's libraries: tests/vectors/chains.py.
const VECTORS: &str = include_str!("../../../tests/vectors/chains.json");

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Spelled>,
    solana: Vec<SolanaCase>,
    evm: Vec<EvmCase>,
}

#[derive(Deserialize)]
struct Spelled {
    chain: String,
    raw: String,
    text: String,
    address: String,
}

#[derive(Deserialize)]
struct SolanaCase {
    signers: Vec<String>,
    asked: String,
    signed: String,
}

#[derive(Deserialize)]
struct EvmCase {
    key: String,
    unsigned: String,
    signed: String,
}

/// A key, and transactions of it with what they are once it has signed.
struct Trade {
    raw: String,
    key: String,
    transactions: Vec<(String, Option<String>)>,
}

fn trades() -> Vec<Trade> {
    let vectors: Vectors = serde_json::from_str(VECTORS).unwrap();
    let stellar = vectors.keys.iter().find(|key| key.chain == "stellar").unwrap();
    let envelope = countersign_testkit::payment_xdr(&stellar.address);
    let seed = &vectors.solana[0].signers[0];
    let alone = |case: &&SolanaCase| case.signers.len() == 1 && case.signers[0] == *seed;
    let solana = vectors.solana.iter().filter(alone).take(6);
    let evm_key = &vectors.evm[0].key;
    let evm = vectors.evm.iter().filter(|case| case.key == *evm_key);
    vec![
        Trade { raw: stellar.raw.clone(), key: stellar.text.clone(), transactions: vec![(envelope, None)] },
        Trade {
            raw: seed.clone(),
            key: keypair(seed),
            transactions: solana.map(|case| (case.asked.clone(), Some(case.signed.clone()))).collect(),
        },
        Trade {
            raw: evm_key.clone(),
            key: evm_key.clone(),
            transactions: evm.map(|case| (case.unsigned.clone(), Some(format!("0x{}", case.signed)))).collect(),
        },
    ]
}

/// A seed as solana-keygen writes it.
fn keypair(seed: &str) -> String {
    let seed: [u8; 32] = hex::decode(seed).unwrap().try_into().unwrap();
    let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    serde_json::to_string(&[seed, public].concat()).unwrap()
}

struct Desk {
    system: LocalSystem,
    client: Client,
    demo: DemoClient,
}

impl Desk {
    async fn open() -> Self {
        let quiet = Options { without_mappings: true, without_schedules: true, ..Options::default() };
        let system = LocalSystem::start(quiet).await.unwrap();
        let (client, demo) = (Client::new(system.base_url()), system.demo().clients[0].clone());
        Self { system, client, demo }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let call = Call::post(&path.replace("{client}", &self.demo.id.to_string()), body);
        let answer = self.client.send(&call.bearer(&self.demo.access_token)).await.unwrap();
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
        answer.json()
    }

    /// Sets up a bot with this key, in another process than the one that signs; its id and its runner's token.
    async fn bot(&self, key: &str) -> (u64, String) {
        let body = json!({ "bot_type": "market_maker", "private_key": key });
        let bot = self.post("/clients/{client}/setup-bot", &body).await["bot_id"].as_u64().unwrap();
        let token = self.post(&format!("/bots/{bot}/runner-tokens"), &json!({})).await;
        (bot, token["token"].as_str().unwrap().to_owned())
    }

    async fn revoke(&self) {
        let call = Call::delete(&format!("/clients/{}/revoke-key", self.demo.id)).bearer(&self.demo.access_token);
        assert_eq!(self.client.send(&call).await.unwrap().status, 200);
    }

    /// Calls to AWS since the last look: reads, KMS, commits, and all of them.
    fn calls(&self) -> [usize; 4] {
        let control = self.system.aws().control();
        let count = |label: &str| control.count(label);
        let seen =
            [count("BatchGetItem"), count("TrentService"), count("TransactWriteItems"), control.requests().len()];
        control.clear_requests();
        seen
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_costs_one_read_and_one_commit_and_leaves_nothing_of_the_key() {
    let desk = Desk::open().await;
    let mut process = LambdaProcess::spawn(KEYS, desk.system.process_environment()).await.unwrap();
    process.ready().await.unwrap();
    for trade in trades() {
        let (bot, token) = desk.bot(&trade.key).await;
        assert!(!trade.transactions.is_empty());
        desk.calls();
        for (turn, (unsigned, signed)) in trade.transactions.iter().enumerate() {
            let call = Call::post(&format!("/bots/{bot}/sign"), &json!({ "transaction": unsigned })).bearer(&token);
            let answer = process.call(&call).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
            if let Some(signed) = signed {
                assert_eq!(answer.field("signed_transaction"), *signed, "as other people's libraries sign it");
            }
            // One read, KMS once while its data key is cold, one commit: nothing else.
            let kms = usize::from(turn == 0);
            assert_eq!(desk.calls(), [1, kms, 1, 2 + kms], "turn {turn}");
        }
        let id = process.process_id().unwrap().to_string();
        let searched = [MaskedKey::of_hex(&trade.raw), MaskedKey::of_text(&trade.raw), MaskedKey::of_text(&trade.key)];
        for key in searched {
            assert_eq!(key.found_in(&id).unwrap(), 0, "of {}…", &trade.raw[..4]);
        }
        // The search sees this process: its runner's token came with the last request.
        let token = MaskedKey::of_text(token.rsplit('_').next().unwrap());
        println!("the token is {} times in memory", token.found_in(&id).unwrap());
        desk.revoke().await;
    }
    drop(process);
    desk.system.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_search_finds_what_is_planted_in_the_process() {
    let desk = Desk::open().await;
    let planted: String = (0..32).map(|_| format!("{:02x}", fastrand::u8(1..))).collect();
    let mut environment = desk.system.process_environment();
    environment.push(("PLANTED".to_owned(), planted.clone()));
    let mut process = LambdaProcess::spawn(KEYS, environment).await.unwrap();
    process.ready().await.unwrap();
    let id = process.process_id().unwrap().to_string();
    assert!(MaskedKey::of_text(&planted).found_in(&id).unwrap() > 0);
    drop(process);
    desk.system.stop().await;
}

#[tokio::test]
async fn the_monitor_runs_and_finds_nothing_due() {
    let desk = Desk::open().await;
    let mut process = LambdaProcess::spawn(MONITOR, desk.system.process_environment()).await.unwrap();
    let ran = process.invoke(&schedule_event()).await.unwrap().result.unwrap();
    assert_eq!((ran["due"].as_u64(), ran["failed"].as_u64()), (Some(0), Some(0)), "{ran}");
    drop(process);
    desk.system.stop().await;
}
