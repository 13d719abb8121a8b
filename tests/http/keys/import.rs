//! `POST /clients/import`: clients of the old system, their keys opened once, sealed anew, and signing.

use countersign_testkit::{Answer, Call};
use fernet::Fernet;
use serde_json::{Value, json};

use super::{RunningBot, StellarKey, bot, by, clients, is_signed_by, payment};
use crate::{attacks::table::Table, world::World};

fn fernet(world: &World) -> Fernet {
    Fernet::new(&world.system.demo().import.fernet_key).unwrap()
}

async fn import(world: &World, rows: &[Value]) -> Answer {
    let call = Call::post("/clients/import", &json!({ "rows": rows })).bearer(&world.admin().access_token);
    world.send(&call).await
}

/// The status of each row, and the client; nothing of a key is in the answer.
async fn results(world: &World, rows: &[Value]) -> Vec<(String, Option<u64>)> {
    let answer = import(world, rows).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains("gAAAA"), "{}", answer.text());
    let results = answer.json()["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), rows.len());
    let mut read = Vec::new();
    for (row, result) in results.iter().enumerate() {
        assert_eq!(result["row"], json!(row));
        assert_eq!(result.get("reason").is_some(), result["status"] == "failed", "{result}");
        read.push((result["status"].as_str().unwrap().to_owned(), result["client_id"].as_u64()));
    }
    read
}

fn statuses(results: &[(String, Option<u64>)]) -> Vec<&str> {
    results.iter().map(|(status, _)| status.as_str()).collect()
}

fn row(world: &World, client: &Value, key: &str, bots: &Value) -> Value {
    let mut client = client.clone();
    client["name"] = "From the old system".into();
    json!({ "client": client, "encrypted_private_key": fernet(world).encrypt(key.as_bytes()), "bots": bots })
}

fn grid(name: &str) -> Value {
    json!({ "name": name, "bot_type": "market_maker" })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_become_clients_whose_bots_sign_and_the_same_rows_again_change_nothing() {
    let world = World::start().await;
    let keys = [StellarKey::fresh(), StellarKey::fresh(), StellarKey::fresh()];
    let (by_id, by_telegram, by_email) = (world.newcomer().await, world.newcomer().await, world.named("new"));
    let mut rows = [
        row(&world, &json!({ "user_id": by_id.user_id }), &keys[0].secret, &json!([grid("One"), grid("Two")])),
        row(&world, &json!({ "telegram_id": by_telegram.telegram_id }), &keys[1].secret, &json!([grid("One")])),
        row(&world, &json!({ "email": by_email.email }), &keys[2].secret, &json!([])),
    ];
    rows[0]["address"] = keys[0].address.clone().into();
    let first = results(&world, &rows).await;
    assert_eq!(statuses(&first), ["imported"; 3]);
    let before = Table::of(&world).dump().await;
    assert_eq!(
        results(&world, &rows).await.iter().map(|(status, _)| status.clone()).collect::<Vec<_>>(),
        ["already"; 3]
    );
    let after = Table::of(&world).dump().await;
    let clients = |dump: &crate::attacks::table::Dump| {
        dump.iter()
            .filter(|((pk, _), _)| pk.starts_with("CLIENT"))
            .map(|(key, item)| (key.clone(), item.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(clients(&before), clients(&after));
    let id = first[0].1.unwrap();
    let listed = world.get(&format!("/bots?client_id={id}"), Some(&by_id.access_token)).await.2;
    let bots = listed["bots"].as_array().unwrap();
    assert_eq!(bots.len(), 2, "{listed}");
    assert!(bots.iter().all(|bot| bot["status"] == "created"), "none of them runs by itself: {listed}");
    let bot_id = bots[0]["id"].as_u64().unwrap();
    let start = Call::post(&format!("/bots/{bot_id}/start"), &json!({})).bearer(&by_id.access_token);
    assert_eq!(world.send(&start).await.status, 200);
    let token = Call::post(&format!("/bots/{bot_id}/runner-tokens"), &json!({})).bearer(&by_id.access_token);
    let runner = RunningBot { id: bot_id, token: world.send(&token).await.field("token") };
    let unsigned = payment(&keys[0].address);
    let signed = runner.sign(&world, &unsigned).await;
    assert_eq!(signed.status, 200, "{}", signed.text());
    assert!(is_signed_by(&world, &signed.field("signed_transaction"), &unsigned, &keys[0].address));
    for (key, item) in &after {
        for secret in &keys {
            assert!(!item.contains(&secret.secret), "a key in the clear in {key:?}");
        }
        assert!(!item.contains("gAAAA"), "a Fernet token in {key:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_row_stops_no_other_and_says_what_is_wrong() {
    let world = World::start().await;
    let [taken, _] = clients(&world);
    let taken_key = StellarKey::fresh();
    bot(&world, &taken, &taken_key).await;
    let (person, other) = (world.newcomer().await, world.newcomer().await);
    let who = json!({ "user_id": person.user_id });
    let key = || StellarKey::fresh().secret;
    let strange = Fernet::new(&Fernet::generate_key()).unwrap();
    let good = StellarKey::fresh();
    let mut foreign = row(&world, &who, &key(), &json!([]));
    foreign["encrypted_private_key"] = strange.encrypt(key().as_bytes()).into();
    let mut elsewhere = row(&world, &who, &key(), &json!([]));
    elsewhere["address"] = good.address.clone().into();
    let two = json!([grid("One"), grid("One")]);
    let many: Vec<Value> = (0..11).map(|number| grid(&number.to_string())).collect();
    let wrong = [
        (json!("row"), "form of a row"),
        (json!({ "client": who }), "form of a row"),
        (foreign, "Fernet"),
        (elsewhere, "address"),
        (row(&world, &who, "notakey", &json!([])), "known form"),
        (row(&world, &json!({ "user_id": 1 }), &key(), &json!([])), "Nobody"),
        (row(&world, &json!({ "email": "nobody@example.test" }), &key(), &json!([])), "Nobody"),
        (row(&world, &json!({}), &key(), &json!([])), "one of"),
        (row(&world, &who, &key(), &json!([{ "name": "A", "bot_type": "none" }])), "bot_type"),
        (row(&world, &who, &key(), &two), "one name"),
        (row(&world, &who, &key(), &json!(many)), "at most 10"),
        (row(&world, &who, &taken_key.secret, &json!([])), "in use elsewhere"),
        (row(&world, &json!({ "user_id": taken.user_id }), &key(), &json!([])), "another key"),
    ];
    let mut rows: Vec<Value> = wrong.iter().map(|(row, _)| row.clone()).collect();
    rows.push(row(&world, &json!({ "user_id": other.user_id }), &good.secret, &json!([grid("One")])));
    let answer = import(&world, &rows).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let results = answer.json()["results"].as_array().unwrap().clone();
    for ((_, why), result) in wrong.iter().zip(&results) {
        assert_eq!(result["status"], "failed", "{why}: {result}");
        assert!(result["reason"].as_str().unwrap().contains(why), "{why}: {result}");
    }
    assert_eq!(results.last().unwrap()["status"], "imported", "the good row behind them");
    assert!(!answer.text().contains("gAAAA") && !answer.text().contains("notakey"), "{}", answer.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_replaced_or_revoked_since_does_not_come_back_and_a_row_cut_off_is_finished() {
    let world = World::start().await;
    let (person, key, new) = (world.newcomer().await, StellarKey::fresh(), StellarKey::fresh());
    let who = json!({ "user_id": person.user_id });
    let short = row(&world, &who, &key.secret, &json!([grid("One")]));
    let first = results(&world, std::slice::from_ref(&short)).await;
    // The row was cut off behind its first bot: sent again with all of them, the others are made.
    let whole = row(&world, &who, &key.secret, &json!([grid("One"), grid("Two"), grid("Three")]));
    assert_eq!(statuses(&results(&world, std::slice::from_ref(&whole)).await), ["imported"]);
    assert_eq!(statuses(&results(&world, std::slice::from_ref(&whole)).await), ["already"]);
    let id = first[0].1.unwrap();
    let listed = world.get(&format!("/bots?client_id={id}"), Some(&person.access_token)).await.2;
    assert_eq!(listed["bots"].as_array().unwrap().len(), 3, "{listed}");
    let client = countersign_local::demo::DemoClient {
        id,
        name: String::new(),
        user_id: person.user_id,
        telegram_id: person.telegram_id,
        access_token: person.access_token.clone(),
    };
    let body = json!({ "private_key": new.secret });
    assert_eq!(by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await.status, 200);
    assert_eq!(statuses(&results(&world, std::slice::from_ref(&whole)).await), ["already"]);
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    for row in [whole, row(&world, &who, &new.secret, &json!([]))] {
        assert_eq!(statuses(&results(&world, &[row]).await), ["already"]);
        let shown = by(&world, &client, "GET", "/clients/{client}", None).await.json();
        assert_eq!((&shown["key"]["status"], &shown["key"]["version"]), (&json!("revoked"), &json!(2)), "{shown}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_admin_imports_and_only_so_many_rows() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let one = row(&world, &json!({ "user_id": person.user_id }), &StellarKey::fresh().secret, &json!([]));
    let call = Call::post("/clients/import", &json!({ "rows": [one] }));
    assert_eq!(world.send(&call.clone().bearer(&person.access_token)).await.status, 403);
    assert_eq!(world.send(&call).await.status, 401);
    for rows in [vec![], vec![one.clone(); 26]] {
        let refused = import(&world, &rows).await;
        assert_eq!(
            (refused.status, refused.text().contains("rows must be 1 to 25")),
            (400, true),
            "{}",
            refused.text()
        );
    }
    let twice = vec![one.clone(), one];
    assert_eq!(statuses(&results(&world, &twice).await), ["imported", "already"]);
    world.stop().await;
}
