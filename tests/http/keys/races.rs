//! Two things at the same moment: one order comes out, and never anything between.

use countersign_local_control::Fault;
use serde_json::json;

use super::{StellarKey, bot, by, clients, is_signed_by, payment};
use crate::world::World;

/// A signature that was handed out after the revocation had answered would have been made by a revoked key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_signature_is_handed_out_after_the_revocation_has_answered() {
    let world = World::start().await;
    for round in 0..6_u64 {
        let (client, key) = (super::new_client(&world).await, StellarKey::fresh());
        let bot = bot(&world, &client, &key).await;
        // Commits are slow, so that many stand between their read and their write.
        world
            .system
            .aws()
            .control()
            .add_fault(Fault::delay(std::time::Duration::from_millis(15)).matching("TransactWriteItems").times(40));
        let signing = async {
            let mut handed_out = Vec::new();
            loop {
                let answer = bot.sign(&world, &payment(&key.address)).await;
                match answer.status {
                    200 => handed_out.push(std::time::Instant::now()),
                    409 => return handed_out,
                    other => panic!("{other}: {}", answer.text()),
                }
            }
        };
        let revoking = async {
            tokio::time::sleep(std::time::Duration::from_millis(20 * round)).await;
            let answer = by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            // What is begun from here on must be refused.
            assert_eq!(bot.sign(&world, &payment(&key.address)).await.status, 409);
            std::time::Instant::now()
        };
        let (handed_out, _) = tokio::join!(signing, revoking);
        world.system.aws().control().clear_faults();
        let uses = by(&world, &client, "GET", "/clients/{client}/key-uses?limit=200", None).await.json();
        assert_eq!(
            uses["uses"].as_array().unwrap().len(),
            handed_out.len(),
            "each signature is written down, and no other"
        );
        let events = by(&world, &client, "GET", "/clients/{client}/key-events", None).await.json();
        let revoked = events["events"].as_array().unwrap().iter().find(|event| event["what"] == "key_revoked").unwrap();
        let late = uses["uses"].as_array().unwrap().iter().filter(|used| used["at"].as_str() > revoked["at"].as_str());
        println!("round {round}: {} signatures, {} with a later time", handed_out.len(), late.count());
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_key_is_rotated_each_signature_is_of_the_old_or_the_new_one() {
    let world = World::start().await;
    let ([client, _], old, new) = (clients(&world), StellarKey::fresh(), StellarKey::fresh());
    let bot = bot(&world, &client, &old).await;
    let unsigned = payment(&old.address);
    let rotating = async {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        let body = json!({ "private_key": new.secret });
        let answer = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    let signing = async {
        let mut of_new = 0;
        for _ in 0..200 {
            let answer = bot.sign(&world, &unsigned).await;
            assert_eq!(answer.status, 200, "never neither: {}", answer.text());
            let address = answer.field("address");
            let signed = answer.field("signed_transaction");
            assert!(is_signed_by(&world, &signed, &unsigned, &address), "never mixed");
            assert!(of_new == 0 || address == new.address, "never back");
            of_new += usize::from(address == new.address);
            if of_new == 5 {
                break;
            }
        }
        of_new
    };
    let ((), of_new) = tokio::join!(rotating, signing);
    assert_eq!(of_new, 5);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_rotations_at_once_one_wins() {
    let world = World::start().await;
    for round in 0..5 {
        let (client, key) = (super::new_client(&world).await, StellarKey::fresh());
        let bot = bot(&world, &client, &key).await;
        let new = [StellarKey::fresh(), StellarKey::fresh()];
        let bodies = new.each_ref().map(|key| json!({ "private_key": key.secret }));
        let rotate = |body| by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(body));
        let (one, other) = tokio::join!(rotate(&bodies[0]), rotate(&bodies[1]));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        // One after the other is good as well: then both have won, the second over the first.
        assert!(statuses == [200, 409] || statuses == [200, 200], "round {round}: {} {}", one.text(), other.text());
        let shown = by(&world, &client, "GET", "/clients/{client}", None).await.json();
        let address = shown["key"]["address"].as_str().unwrap();
        assert!(new.iter().any(|key| key.address == address));
        let unsigned = payment(address);
        let signed = bot.sign(&world, &unsigned).await.field("signed_transaction");
        assert!(is_signed_by(&world, &signed, &unsigned, address));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_under_two_clients_at_once_is_one_clients() {
    let world = World::start().await;
    let (clients, key) = (clients(&world), StellarKey::fresh());
    let body = key.setup();
    let [one, other] = &clients;
    let (one, other) = tokio::join!(
        by(&world, one, "POST", "/clients/{client}/setup-bot", Some(&body)),
        by(&world, other, "POST", "/clients/{client}/setup-bot", Some(&body)),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", one.text(), other.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_signatures_at_once_as_many_are_given_as_the_limit_says() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let limits = json!({ "signatures_per_hour": 7 });
    let set = by(&world, &client, "PUT", &format!("/bots/{}/limits", bot.id), Some(&limits)).await;
    assert_eq!(set.status, 200, "{}", set.text());
    let unsigned = payment(&key.address);
    let calls = (0..20).map(|_| async { bot.sign(&world, &unsigned).await.status });
    let statuses = crate::attacks::join_all(calls).await;
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    // Whoever lost every turn is told to come back (503); nobody is let past the limit.
    assert!(count(200) <= 7 && count(200) + count(429) + count(503) == 20, "{statuses:?}");
    while bot.sign(&world, &unsigned).await.status == 200 {}
    let uses = by(&world, &client, "GET", "/clients/{client}/key-uses", None).await.json();
    assert_eq!(uses["uses"].as_array().unwrap().len(), 7);
    world.stop().await;
}
