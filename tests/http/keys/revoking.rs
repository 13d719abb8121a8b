//! A key is revoked: nothing signs from then on, and every bot is asked to stop.

use serde_json::json;

use super::{StellarKey, bot, by, clients, payment};
use crate::{attacks::table::Table, world::World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_revocation_nothing_signs_and_each_bot_stops_by_its_next_heartbeat() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bots = [bot(&world, &client, &key).await, bot(&world, &client, &key).await, bot(&world, &client, &key).await];
    let stopped = by(&world, &client, "POST", &format!("/bots/{}/stop", bots[2].id), None).await;
    assert_eq!((stopped.status, stopped.field("status").as_str()), (200, "stopping"), "{}", stopped.text());
    assert_eq!(bots[2].sign(&world, &payment(&key.address)).await.status, 409);
    assert_eq!(bots[2].heartbeat(&world).await.json()["stop"], json!(true));
    let revoked = by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await;
    let stop = |answer: &serde_json::Value, id: u64| {
        let bots = answer["bots"].as_array().unwrap();
        bots.iter().find(|bot| bot["id"] == json!(id)).unwrap()["stop"].as_str().unwrap().to_owned()
    };
    assert_eq!((revoked.status, revoked.json()["revoked"].as_bool()), (200, Some(true)), "{}", revoked.text());
    assert_eq!(bots.each_ref().map(|bot| stop(&revoked.json(), bot.id)), ["requested", "requested", "acknowledged"]);
    for bot in &bots {
        assert_eq!(bot.sign(&world, &payment(&key.address)).await.status, 409);
        let shown = by(&world, &client, "GET", &format!("/bots/{}", bot.id), None).await;
        assert!(["stopping", "stopped"].contains(&shown.field("status").as_str()), "{}", shown.text());
    }
    let heard = bots[0].heartbeat(&world).await;
    assert_eq!((heard.status, heard.json()["stop"].as_bool()), (200, Some(true)), "{}", heard.text());
    let again = by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.json();
    assert_eq!(bots.each_ref().map(|bot| stop(&again, bot.id)), ["acknowledged", "requested", "acknowledged"]);
    let items = Table::of(&world).dump().await;
    assert!(items.iter().all(|((pk, _), item)| *pk != format!("CLIENT#{}", client.id) || !item.contains("\"sealed\"")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_does_not_come_back_and_a_new_one_starts_nothing_by_itself() {
    let world = World::start().await;
    let ([client, other], key, new) = (clients(&world), StellarKey::fresh(), StellarKey::fresh());
    let old_bot = bot(&world, &client, &key).await;
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    for client in [&client, &other] {
        let refused = by(&world, client, "POST", "/clients/{client}/setup-bot", Some(&key.setup())).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
    }
    let body = json!({ "private_key": new.secret });
    let refused = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
    assert_eq!(refused.status, 409, "nothing is rotated after a revocation: {}", refused.text());
    let new_bot = bot(&world, &client, &new).await;
    assert_eq!(new_bot.sign(&world, &payment(&new.address)).await.status, 200);
    assert_eq!(old_bot.sign(&world, &payment(&new.address)).await.status, 409, "it was cut off by the revocation");
    let start = format!("/bots/{}/start", old_bot.id);
    assert_eq!(by(&world, &client, "POST", &start, None).await.status, 409, "its stop is not acknowledged");
    assert_eq!(old_bot.heartbeat(&world).await.status, 200);
    assert_eq!(by(&world, &client, "POST", &start, None).await.status, 200);
    assert_eq!(old_bot.sign(&world, &payment(&new.address)).await.status, 200);
    let shown = by(&world, &client, "GET", "/clients/{client}", None).await.json();
    assert_eq!((&shown["key"]["version"], &shown["key"]["status"]), (&json!(2), &json!("active")), "{shown}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_key_there_is_nothing_to_revoke() {
    let world = World::start().await;
    let [client, _] = clients(&world);
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 409);
    world.stop().await;
}
