//! A runner's token: good for one bot, for what it says, until it ends or is taken back.

use countersign_testkit::Call;
use serde_json::json;

use super::{RunningBot, StellarKey, bot, by, clients, payment};
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_good_for_its_bot_and_its_scopes_alone() {
    let world = World::start().await;
    let ([client, other], key) = (clients(&world), StellarKey::fresh());
    let (one, two) = (bot(&world, &client, &key).await, bot(&world, &client, &key).await);
    let foreign = bot(&world, &other, &StellarKey::fresh()).await;
    for stolen in [&two, &foreign] {
        let thief = RunningBot { id: one.id, token: stolen.token.clone() };
        assert_eq!(thief.sign(&world, &payment(&key.address)).await.status, 404);
    }
    for (scopes, sign, heartbeat) in [(json!(["heartbeat"]), 403, 200), (json!(["sign"]), 200, 403)] {
        let given =
            by(&world, &client, "POST", &format!("/bots/{}/runner-tokens", one.id), Some(&json!({ "scopes": scopes })))
                .await;
        let runner = RunningBot { id: one.id, token: given.field("token") };
        assert_eq!(runner.sign(&world, &payment(&key.address)).await.status, sign);
        assert_eq!(runner.heartbeat(&world).await.status, heartbeat);
    }
    for wrong in [
        json!({ "scopes": [] }),
        json!({ "scopes": ["admin"] }),
        json!({ "expires_in": 59 }),
        json!({ "expires_in": 8_000_000 }),
    ] {
        let answer = by(&world, &client, "POST", &format!("/bots/{}/runner-tokens", one.id), Some(&wrong)).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_taken_back_is_good_for_nothing() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let listed = by(&world, &client, "GET", &format!("/bots/{}/runner-tokens", bot.id), None).await;
    assert!(!listed.text().contains("csb_"), "{}", listed.text());
    let id = listed.json()["runner_tokens"][0]["id"].as_u64().unwrap();
    let path = format!("/bots/{}/runner-tokens/{id}", bot.id);
    assert_eq!(by(&world, &client, "DELETE", &path, None).await.status, 200);
    assert_eq!(by(&world, &client, "DELETE", &path, None).await.status, 404);
    let refused = bot.sign(&world, &payment(&key.address)).await;
    assert_eq!(refused.status, 401, "{}", refused.text());
    assert_eq!(bot.heartbeat(&world).await.status, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_shown_once_and_again_only_for_the_same_idempotency_key() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let call = Call::post(&format!("/bots/{}/runner-tokens", bot.id), &json!({})).bearer(&client.access_token);
    let (first, again) = (world.send(&call.clone().idempotent("one")).await, world.send(&call.idempotent("one")).await);
    assert_eq!((first.field("token"), again.header("idempotent-replayed")), (again.field("token"), Some("true")));
    assert!(first.field("token").starts_with("csb_"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_runs_bots_gets_their_tokens() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let service = world.service("bot_runner");
    let bots = world.send(&Call::get("/bots").api_key(&service.api_key)).await;
    assert_eq!(bots.json()["bots"][0]["id"], json!(bot.id), "{}", bots.text());
    let path = format!("/bots/{}/runner-tokens", bot.id);
    let given = world.send(&Call::post(&path, &json!({})).api_key(&service.api_key)).await;
    let runner = RunningBot { id: bot.id, token: given.field("token") };
    assert_eq!(runner.sign(&world, &payment(&key.address)).await.status, 200);
    let notifier = world.service("notifier");
    assert_eq!(world.send(&Call::post(&path, &json!({})).api_key(&notifier.api_key)).await.status, 403);
    world.stop().await;
}
