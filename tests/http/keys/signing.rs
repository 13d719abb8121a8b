//! What a runner's signature costs and says: limits, uses, idempotency, wrong transactions.

use serde_json::{Value, json};

use super::{StellarKey, bot, by, clients, hash_of, payment};
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_use_is_visible_to_the_client() {
    let world = World::start().await;
    let ([client, other], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let unsigned = payment(&key.address);
    assert_eq!(bot.sign(&world, &unsigned).await.status, 200);
    let uses = by(&world, &client, "GET", "/clients/{client}/key-uses", None).await.json();
    let used = &uses["uses"][0];
    assert_eq!(used["transaction_hash"], json!(hash_of(&world, &unsigned)));
    assert_eq!((&used["bot_id"], &used["key_version"], &used["chain"]), (&json!(bot.id), &json!(1), &json!("stellar")));
    // 1 XLM and the fee.
    assert_eq!(used["amount"], json!("10000100"), "{uses}");
    assert_eq!(used["purpose"], json!({ "source": key.address, "operations": ["payment"] }));
    let path = format!("/clients/{}/key-uses", client.id);
    assert_eq!(by(&world, &other, "GET", &path, None).await.status, 404);
    let events = by(&world, &client, "GET", "/clients/{client}/key-events", None).await.json();
    let whats: Vec<_> =
        events["events"].as_array().unwrap().iter().map(|event| event["what"].as_str().unwrap()).collect();
    for what in ["key_entered", "bot_created", "started", "runner_token_given"] {
        assert!(whats.contains(&what), "{whats:?}");
    }
    let log = by(&world, &client, "GET", &format!("/bots/{}/log", bot.id), None).await.json();
    let of_it = |event: &Value| event["bot_id"] == json!(bot.id) || event["bot_id"].is_null();
    assert!(log["events"].as_array().unwrap().iter().all(of_it), "{log}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_idempotency_key_signs_once() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let call = bot.sign_call(&payment(&key.address)).idempotent("once");
    let first = world.send(&call).await;
    let again = world.send(&call).await;
    assert_eq!((first.status, again.header("idempotent-replayed")), (200, Some("true")), "{}", first.text());
    assert_eq!(first.text(), again.text());
    let uses = by(&world, &client, "GET", "/clients/{client}/key-uses", None).await.json();
    assert_eq!(uses["uses"].as_array().unwrap().len(), 1);
    world.stop().await;
}

/// A kept answer is a signature: it is not given again once the key or the bot may sign no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_answer_is_not_replayed_once_nothing_signs() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let (stopped, revoked) = (bot(&world, &client, &key).await, bot(&world, &client, &key).await);
    let calls = [&stopped, &revoked].map(|bot| bot.sign_call(&payment(&key.address)).idempotent("once"));
    for call in &calls {
        assert_eq!(world.send(call).await.status, 200);
        assert_eq!(world.send(call).await.header("idempotent-replayed"), Some("true"));
    }
    let stop = format!("/bots/{}/stop", stopped.id);
    assert_eq!(by(&world, &client, "POST", &stop, None).await.status, 200);
    assert_eq!(world.send(&calls[1]).await.status, 200, "the other one runs");
    let refused = world.send(&calls[0]).await;
    assert!(refused.status == 409 && !refused.text().contains("signed_transaction"), "{}", refused.text());
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    let refused = world.send(&calls[1]).await;
    assert!(refused.status == 409 && !refused.text().contains("signed_transaction"), "{}", refused.text());
    assert_eq!(refused.header("idempotent-replayed"), None);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amount_limit_holds_and_what_cannot_be_read_is_refused() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let limits = json!({ "amount_per_hour": "25000000" });
    assert_eq!(by(&world, &client, "PUT", &format!("/bots/{}/limits", bot.id), Some(&limits)).await.status, 200);
    let statuses = [200, 200, 429];
    for status in statuses {
        let answer = bot.sign(&world, &payment(&key.address)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("retry-after").is_some(), status == 429);
    }
    for wrong in [
        json!({ "amount_per_hour": "-1" }),
        json!({ "amount_per_hour": "1.5" }),
        json!({ "signatures_per_hour": 100_001 }),
    ] {
        assert_eq!(by(&world, &client, "PUT", &format!("/bots/{}/limits", bot.id), Some(&wrong)).await.status, 400);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_transaction_of_the_keys_chain_is_refused_and_costs_nothing() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    for wrong in ["", "AAAA", "0x02c0", "not base64!", &"A".repeat(190_000), &"A".repeat(210_000)] {
        let answer = bot.sign(&world, wrong).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    let path = format!("/bots/{}/sign", bot.id);
    let hex = json!({ "transaction": payment(&key.address), "encoding": "hex" });
    let call = countersign_testkit::Call::post(&path, &hex).bearer(&bot.token);
    assert_eq!(world.send(&call).await.status, 400);
    let uses = by(&world, &client, "GET", "/clients/{client}/key-uses", None).await.json();
    assert_eq!(uses["uses"], json!([]));
    world.stop().await;
}
