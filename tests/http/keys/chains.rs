//! Keys of the three chains: what is read of their transactions, and limits that keep their unit.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{RunningBot, StellarKey, bot, bot_with, by, new_client};
use crate::world::World;

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Spelled>,
    solana: Vec<Asked>,
    evm: Vec<Asked>,
}

#[derive(Deserialize)]
struct Spelled {
    chain: String,
    text: String,
    address: String,
}

#[derive(Deserialize)]
struct Asked {
    name: String,
    #[serde(alias = "unsigned")]
    asked: String,
    payer: Option<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../vectors/chains.json")).unwrap()
}

impl Vectors {
    fn setup(&self, chain: &str) -> Value {
        json!({ "bot_type": "market_maker", "private_key": self.key(chain).text })
    }

    fn key(&self, chain: &str) -> &Spelled {
        self.keys.iter().find(|key| key.chain == chain).unwrap()
    }

    fn asked(&self, name: &str) -> &Asked {
        self.solana.iter().chain(&self.evm).find(|case| case.name == name).unwrap()
    }
}

async fn limit(world: &World, client: &countersign_local::demo::DemoClient, bot: u64, amount: &str) {
    let body = json!({ "amount_per_hour": amount });
    let set = by(world, client, "PUT", &format!("/bots/{bot}/limits"), Some(&body)).await;
    assert_eq!(set.status, 200, "{}", set.text());
}

async fn sign(world: &World, bot: &RunningBot, transaction: &str) -> (u16, String) {
    let answer = bot.sign(world, transaction).await;
    (answer.status, answer.text())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_with_an_amount_limit_calls_no_contract_and_no_program() {
    let (world, vectors) = (World::start().await, vectors());
    for (chain, refused, granted) in [
        ("evm", "a call with data, eip1559", "a payment, eip1559"),
        ("solana", "another program that only reads it, v0", "paid by another, v0"),
    ] {
        let client = new_client(&world).await;
        let bot = bot_with(&world, &client, &vectors.setup(chain)).await;
        let (refused, granted) = (&vectors.asked(refused).asked, &vectors.asked(granted).asked);
        limit(&world, &client, bot.id, "9000000000000000000").await;
        let said = sign(&world, &bot, refused).await;
        assert!(said.0 == 403 && said.1.contains("cannot be read"), "{said:?}");
        let said = sign(&world, &bot, granted).await;
        assert_eq!(said.0, 200, "{}", said.1);
        // Without a limit it is signed; a limit that is set afterwards cannot tell what has left meanwhile.
        let none = by(&world, &client, "PUT", &format!("/bots/{}/limits", bot.id), Some(&json!({}))).await;
        assert_eq!(none.json()["limits"]["amount_chain"], json!(null));
        let said = sign(&world, &bot, refused).await;
        assert_eq!(said.0, 200, "{}", said.1);
        limit(&world, &client, bot.id, "9000000000000000000").await;
        let said = sign(&world, &bot, granted).await;
        assert!(said.0 == 429 && said.1.contains("cannot be read"), "{said:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_use_says_what_the_transaction_was_about() {
    let (world, vectors) = (World::start().await, vectors());
    let case = vectors.asked("another program that only reads it, v0");
    let solana = json!({
        "fee_payer": case.payer, "programs": ["TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"],
    });
    let evm = json!({ "chain_id": "42161", "to": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "nonce": "127" });
    let call = vectors.asked("a call with data, legacy");
    for (chain, transaction, expected) in [("solana", &case.asked, solana), ("evm", &call.asked, evm)] {
        let client = new_client(&world).await;
        let bot = bot_with(&world, &client, &vectors.setup(chain)).await;
        let answer = bot.sign(&world, transaction).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let uses = by(&world, &client, "GET", "/clients/{client}/key-uses", None).await.json();
        assert_eq!((&uses["uses"][0]["purpose"], &uses["uses"][0]["amount"]), (&expected, &json!(null)), "{uses}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_in_the_payers_slot_is_not_taken_for_the_transactions_id() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let (world, vectors) = (World::start().await, vectors());
    let client = new_client(&world).await;
    let bot = bot_with(&world, &client, &vectors.setup("solana")).await;
    let good = &vectors.asked("paid by another, v0").asked;
    let mut bytes = STANDARD.decode(good).unwrap();
    let id = bs58::encode(&bytes[1..65]).into_string();
    bytes[1..65].fill(7);
    let mut hashes = Vec::new();
    for transaction in [good.clone(), STANDARD.encode(&bytes)] {
        let answer = bot.sign(&world, &transaction).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let uses = by(&world, &client, "GET", "/clients/{client}/key-uses", None).await.json();
        hashes.push((uses["uses"][0]["transaction_hash"].clone(), answer.field("signature")));
    }
    assert_eq!((&hashes[0].0, &hashes[1].0), (&json!(id), &json!(hashes[1].1)));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_keeps_its_unit_and_a_rotation_its_chain() {
    let (world, vectors) = (World::start().await, vectors());
    let (client, key) = (new_client(&world).await, StellarKey::fresh());
    let old = bot(&world, &client, &key).await;
    limit(&world, &client, old.id, "25000000").await;
    let body = json!({ "private_key": vectors.key("solana").text });
    let refused = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(bot_signs(&world, &old, &key).await, 200, "nothing has changed");
    // After a revocation the client may have a key of another chain.
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    assert_eq!(old.heartbeat(&world).await.json()["stop"], json!(true));
    let new = bot_with(&world, &client, &vectors.setup("solana")).await;
    assert_ne!(new.id, old.id);
    let start = format!("/bots/{}/start", old.id);
    let refused = by(&world, &client, "POST", &start, None).await;
    assert!(refused.status == 409 && refused.text().contains("unit of stellar"), "{}", refused.text());
    limit(&world, &client, old.id, "25000000").await;
    let started = by(&world, &client, "POST", &start, None).await;
    assert_eq!(started.json()["limits"]["amount_chain"], json!("solana"), "{}", started.text());
    // Its stroops of before are not taken for lamports.
    let said = sign(&world, &old, &vectors.asked("paid by another, v0").asked).await;
    assert_eq!(said.0, 200, "{}", said.1);
    assert_eq!(vectors.key("solana").address, started.json()["wallets"][0]["address"].as_str().unwrap());
    world.stop().await;
}

async fn bot_signs(world: &World, bot: &RunningBot, key: &StellarKey) -> u16 {
    bot.sign(world, &super::payment(&key.address)).await.status
}
