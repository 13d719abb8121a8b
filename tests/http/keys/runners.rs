//! A runner's token: good for one bot, for what it says, until it ends or is taken back.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo::DemoClient;
use countersign_local_control::Fault;
use countersign_testkit::Call;
use serde_json::{Value, json};

use super::{RunningBot, StellarKey, bot, by, clients, payment};
use crate::{
    attacks::table::{Table, text},
    world::World,
};

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

/// A commit that is slow while the token ends: tried again, the call is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_ends_during_a_call_is_good_for_nothing() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let table = Table::of(&world);
    let mut token = table.items().await.into_iter().find(|item| text(item, "sk").starts_with("RUNNER#")).unwrap();
    token.insert("good_until".into(), AttributeValue::N("1800000000".into()));
    let slow = Fault::delay(Duration::from_millis(600)).matching("TransactWriteItems").times(1);
    world.system.aws().control().add_fault(slow);
    let ending = async {
        tokio::time::sleep(Duration::from_millis(250)).await;
        table.put(token).await;
    };
    let unsigned = payment(&key.address);
    let (refused, ()) = tokio::join!(bot.sign(&world, &unsigned), ending);
    assert_eq!(refused.status, 401, "{}", refused.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_is_heard_once_under_one_idempotency_key() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let path = format!("/bots/{}/heartbeat", bot.id);
    let call = |detail: &str| Call::post(&path, &json!({ "detail": detail })).bearer(&bot.token).idempotent("one");
    let (first, again) = (world.send(&call("one")).await, world.send(&call("one")).await);
    assert_eq!((first.status, again.header("idempotent-replayed")), (200, Some("true")), "{}", again.text());
    assert_eq!(first.text(), again.text());
    assert_eq!(world.send(&call("two")).await.status, 422);
    let health = by(&world, &client, "GET", &format!("/bots/{}/health", bot.id), None).await;
    assert_eq!(health.field("detail"), "one");
    world.stop().await;
}

/// Every row of a list, a page of `limit` after the other, and how many pages there were.
async fn pages(world: &World, client: &DemoClient, path: &str, rows: &str, limit: usize) -> (Vec<Value>, usize) {
    let (mut found, mut count, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = by(world, client, "GET", &format!("{path}?limit={limit}{cursor}"), None).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        assert!(page[rows].as_array().unwrap().len() <= limit, "{page}");
        found.extend(page[rows].as_array().unwrap().clone());
        count += 1;
        let Some(next) = page["next_cursor"].as_str() else { return (found, count) };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clients_lists_are_paged() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let first = bot(&world, &client, &key).await;
    let mut ids = vec![first.id];
    for _ in 0..2 {
        ids.push(bot(&world, &client, &key).await.id);
        super::token(&world, &client, first.id).await;
    }
    for _ in 0..2 {
        let body = json!({ "private_key": StellarKey::fresh().secret });
        assert_eq!(by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await.status, 200);
    }
    let tokens = format!("/bots/{}/runner-tokens", first.id);
    for (path, rows) in
        [("/bots", "bots"), ("/clients/{client}/key-versions", "versions"), (tokens.as_str(), "runner_tokens")]
    {
        let (found, count) = pages(&world, &client, path, rows, 2).await;
        assert_eq!((found.len(), count), (3, 2), "{path}: {found:?}");
        let all = by(&world, &client, "GET", path, None).await.json();
        assert_eq!((&all[rows], &all["next_cursor"]), (&json!(found), &Value::Null), "the same in the same order");
        for wrong in ["limit=0", "limit=201", "cursor=%21"] {
            let refused = by(&world, &client, "GET", &format!("{path}?{wrong}"), None).await;
            assert_eq!(refused.status, 400, "{path}?{wrong}: {}", refused.text());
        }
    }
    let (found, _) = pages(&world, &client, "/bots", "bots", 1).await;
    ids.reverse();
    assert_eq!(found.iter().map(|bot| bot["id"].as_u64().unwrap()).collect::<Vec<_>>(), ids, "newest first");
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
