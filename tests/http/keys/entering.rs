//! A key is entered: by its form, with its address, under one client, never readable again.

use countersign_testkit::Call;
use serde_json::json;

use super::{StellarKey, bot, by, clients, is_signed_by, new_client, payment};
use crate::world::World;

/// A made-up Solana key: its seed is 0x07 32 times.
fn solana() -> (String, Vec<u8>, String) {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let public = key.verifying_key().to_bytes();
    let bytes = [[7; 32].as_slice(), &public].concat();
    (bs58::encode(&bytes).into_string(), bytes, bs58::encode(public).into_string())
}

/// A made-up EVM key, 0x11 32 times, and its address as eth-account says it.
const EVM: (&str, &str) =
    ("1111111111111111111111111111111111111111111111111111111111111111", "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_told_apart_by_their_form_and_have_their_own_address() {
    let world = World::start().await;
    let (base58, list, solana_address) = solana();
    let stellar = StellarKey::fresh();
    let forms = [
        (json!(stellar.secret), stellar.address.as_str(), "stellar"),
        (json!(base58), solana_address.as_str(), "solana"),
        (json!(EVM.0), EVM.1, "evm"),
    ];
    for (key, address, chain) in forms {
        let client = new_client(&world).await;
        for wrong in [StellarKey::fresh().address, "nonsense".to_owned(), String::new()] {
            let body = json!({ "bot_type": "market_maker", "private_key": key, "address": wrong });
            let refused = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&body)).await;
            assert_eq!(refused.status, 400, "{}", refused.text());
        }
        let body = json!({ "bot_type": "market_maker", "private_key": key });
        let made = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&body)).await;
        assert_eq!((made.status, made.field("address").as_str()), (201, address), "{}", made.text());
        let shown = by(&world, &client, "GET", "/clients/{client}", None).await.json();
        assert_eq!((&shown["key"]["chain"], &shown["key"]["version"]), (&json!(chain), &json!(1)), "{shown}");
    }
    // The same Solana key as solana-keygen writes it, and with 0x for EVM: the same keys, so they are taken.
    for key in [json!(list), json!(base58), json!(format!("0x{}", EVM.0)), json!(stellar.secret)] {
        let body = json!({ "bot_type": "market_maker", "private_key": key });
        let client = new_client(&world).await;
        let refused = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&body)).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert!(!refused.text().contains("client_id"), "nothing of whose it is: {}", refused.text());
    }
    world.stop().await;
}

/// With another letter in its middle.
fn changed(secret: &str) -> String {
    let (begin, end) = secret.split_at(20);
    let other = if end.starts_with('A') { 'B' } else { 'A' };
    format!("{begin}{other}{}", &end[1..])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_key_is_refused_and_not_repeated() {
    let world = World::start().await;
    let [client, _] = clients(&world);
    let good = StellarKey::fresh();
    let wrong = [
        json!(good.address),
        json!(changed(&good.secret)),
        json!(format!("{}x", good.secret)),
        json!("0000000000000000000000000000000000000000000000000000000000000000"),
        json!("fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff1"),
        json!("twelve words are a mnemonic and are not taken by this house of ours"),
        json!(vec![1_u8; 63]),
        json!(vec![1_u8; 64]),
        json!(vec![1_u8; 4000]),
        json!(""),
        json!(7),
        json!({ "seed": good.secret }),
        json!(null),
    ];
    for key in wrong {
        let body = json!({ "bot_type": "market_maker", "private_key": key });
        let refused = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&body)).await;
        assert_eq!(refused.status, 400, "{key}: {}", refused.text());
        if let Some(text) = key.as_str().filter(|text| text.len() > 20) {
            assert!(!refused.text().contains(&text[..20]), "{}", refused.text());
        }
    }
    let none = by(&world, &client, "GET", "/bots", None).await.json();
    assert_eq!(none["bots"], json!([]));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_has_one_key_for_all_its_bots() {
    let world = World::start().await;
    let [client, other] = clients(&world);
    let (key, another) = (StellarKey::fresh(), StellarKey::fresh());
    let first = bot(&world, &client, &key).await;
    let second = bot(&world, &client, &key).await;
    assert_ne!(first.id, second.id);
    let refused = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&another.setup())).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let refused = by(&world, &other, "POST", "/clients/{client}/setup-bot", Some(&key.setup())).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    for bot in [&first, &second] {
        let unsigned = payment(&key.address);
        let signed = bot.sign(&world, &unsigned).await;
        assert_eq!(signed.status, 200, "{}", signed.text());
        assert!(is_signed_by(&world, &signed.field("signed_transaction"), &unsigned, &key.address));
    }
    let shown = by(&world, &client, "GET", "/bots", None).await.json();
    assert_eq!(shown["bots"].as_array().unwrap().len(), 2);
    assert!(shown["bots"].as_array().unwrap().iter().all(|bot| bot["wallets"][0]["address"] == json!(key.address)));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_makes_bots_with_wallets_of_the_clients_key() {
    let world = World::start().await;
    let ([client, _], key, admin) = (clients(&world), StellarKey::fresh(), world.admin().access_token);
    let wallet = || json!({ "address": key.address, "private_key": key.secret });
    let body = json!({
        "client_id": client.id, "name": "maker", "bot_type": "arbitrage",
        "config": { "venues": ["one", "two"] }, "wallets": [wallet(), wallet()],
    });
    let made = world.send(&Call::post("/bots/create", &body).bearer(&admin).idempotent("create-1")).await;
    assert_eq!((made.status, made.field("status").as_str()), (201, "created"), "{}", made.text());
    assert_eq!(made.json()["wallets"].as_array().unwrap().len(), 2);
    let again = world.send(&Call::post("/bots/create", &body).bearer(&admin).idempotent("create-1")).await;
    assert_eq!((again.text(), again.header("idempotent-replayed")), (made.text(), Some("true")));
    let id = made.json()["id"].as_u64().unwrap();
    // Another key in one of the wallets, or as a further wallet, is refused.
    let mut mixed = body.clone();
    mixed["wallets"][1] = json!({ "address": StellarKey::fresh().address, "private_key": StellarKey::fresh().secret });
    assert_eq!(world.send(&Call::post("/bots/create", &mixed).bearer(&admin)).await.status, 400);
    let more = Call::post(&format!("/bots/{id}/wallets"), &wallet()).bearer(&admin);
    let more = world.send(&more).await;
    assert_eq!((more.status, more.json()["wallets"].as_array().unwrap().len()), (201, 3), "{}", more.text());
    let stranger = StellarKey::fresh();
    let foreign = json!({ "wallets": [{ "address": stranger.address, "private_key": stranger.secret }] });
    let refused = world.send(&Call::post(&format!("/bots/{id}/wallets"), &foreign).bearer(&admin)).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let mut bad = body.clone();
    bad["config"] = json!({ "venues": "one" });
    let refused = world.send(&Call::post("/bots/create", &bad).bearer(&admin)).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    // It does not sign before it is started; then it does.
    let token = super::token(&world, &client, id).await;
    let bot = super::RunningBot { id, token };
    assert_eq!(bot.sign(&world, &payment(&key.address)).await.status, 409);
    let started = by(&world, &client, "POST", &format!("/bots/{id}/start"), None).await;
    assert_eq!((started.status, started.field("status").as_str()), (200, "running"), "{}", started.text());
    assert_eq!(bot.sign(&world, &payment(&key.address)).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_a_person_who_is_known_by_one_of_three() {
    let world = World::start().await;
    let admin = world.admin().access_token;
    let make = async |body: serde_json::Value| world.send(&Call::post("/clients", &body).bearer(&admin)).await;
    let person = world.newcomer().await;
    let made = make(json!({ "name": "By Telegram", "telegram_id": person.telegram_id })).await;
    assert_eq!((made.status, made.json()["user_id"].as_u64()), (201, Some(person.user_id)), "{}", made.text());
    let twice = make(json!({ "name": "Again", "user_id": person.user_id })).await;
    assert_eq!(twice.status, 409, "{}", twice.text());
    let email = world.system.demo().people[0].email.clone();
    assert_eq!(make(json!({ "name": "By mail", "email": email })).await.status, 201);
    for unknown in
        [json!({ "email": "nobody@example.test" }), json!({ "user_id": 4_711 }), json!({ "telegram_id": 4_711 })]
    {
        let mut body = unknown;
        body["name"] = json!("Nobody");
        assert_eq!(make(body).await.status, 404);
    }
    for bad in [
        json!({ "name": "x" }),
        json!({ "name": "", "user_id": 1 }),
        json!({ "name": "x", "user_id": 1, "email": "a@b.test" }),
    ] {
        assert_eq!(make(bad).await.status, 400);
    }
    let own = Call::get("/clients").bearer(&person.access_token);
    assert_eq!(world.send(&own).await.json()["clients"].as_array().unwrap().len(), 1);
    let all = world.send(&Call::get("/clients?limit=2").bearer(&admin)).await.json();
    assert_eq!(all["clients"].as_array().unwrap().len(), 2);
    let next = format!("/clients?limit=200&cursor={}", all["next_cursor"].as_str().unwrap());
    assert_eq!(world.send(&Call::get(&next).bearer(&admin)).await.json()["clients"].as_array().unwrap().len(), 2);
    world.stop().await;
}
