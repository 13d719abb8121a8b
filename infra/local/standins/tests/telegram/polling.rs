//! getUpdates: for bots without a webhook.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    bench::{ANNA, BORIS, Bench},
    hook::Hook,
};

#[tokio::test]
async fn updates_wait_until_they_are_confirmed() {
    let bench = Bench::start().await;
    let first = bench.say(ANNA, "one").await;
    assert_eq!(first["webhook_status"], Value::Null);
    bench.say(BORIS, "two").await;
    let updates = bench.ok("getUpdates", json!({})).await;
    assert_eq!(updates[0]["update_id"], first["update_id"]);
    assert_eq!(updates[1]["update_id"].as_i64(), updates[0]["update_id"].as_i64().map(|id| id + 1));
    assert_eq!((&updates[0]["message"]["text"], &updates[1]["message"]["text"]), (&json!("one"), &json!("two")));
    assert_eq!(bench.ok("getUpdates", json!({ "limit": 1 })).await.as_array().unwrap().len(), 1);
    let offset = updates[1]["update_id"].clone();
    assert_eq!(bench.ok("getUpdates", json!({ "offset": offset })).await[0]["message"]["text"], "two");
    let next = offset.as_i64().unwrap() + 1;
    assert_eq!(bench.ok("getUpdates", json!({ "offset": next })).await, json!([]));
    bench.say(ANNA, "three").await;
    bench.say(ANNA, "four").await;
    assert_eq!(bench.ok("getUpdates", json!({ "offset": -1 })).await[0]["message"]["text"], "four");
}

#[tokio::test]
async fn a_poll_waits_for_an_update() {
    let bench = Bench::start().await;
    let started = Instant::now();
    let (updates, _) = tokio::join!(bench.ok("getUpdates", json!({ "timeout": 20 })), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        bench.say(ANNA, "hello").await
    });
    assert_eq!(updates[0]["message"]["text"], "hello");
    assert!(started.elapsed() < Duration::from_secs(10));
    let next = updates[0]["update_id"].as_i64().unwrap() + 1;
    assert_eq!(bench.ok("getUpdates", json!({ "timeout": 1, "offset": next })).await, json!([]));
}

#[tokio::test]
async fn a_webhook_and_another_poll_are_conflicts() {
    let bench = Bench::start().await;
    let (older, newer) = tokio::join!(bench.call("getUpdates", json!({ "timeout": 20 })), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        bench.call("getUpdates", json!({})).await
    });
    assert_eq!((&older["error_code"], &newer["ok"]), (&json!(409), &json!(true)));
    assert!(older["description"].as_str().unwrap().starts_with("Conflict: terminated by other getUpdates request"));
    let hook = Hook::start().await;
    bench.standin.set_webhook(&hook.url, "secret").unwrap();
    let words = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the \
                 webhook first";
    assert_eq!(bench.refused("getUpdates", json!({})).await, words);
}

#[tokio::test]
async fn only_updates_of_the_wanted_kinds_are_made() {
    let bench = Bench::start().await;
    bench.ok("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    let unwanted = bench.say(ANNA, "x").await;
    assert_eq!((&unwanted["update_id"], &unwanted["webhook_status"]), (&Value::Null, &Value::Null));
    bench.ok("getUpdates", json!({ "allowed_updates": [] })).await;
    assert!(bench.say(ANNA, "y").await["update_id"].is_i64());
}
