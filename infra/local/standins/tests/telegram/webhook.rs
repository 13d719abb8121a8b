//! The webhook: how it is set, how updates reach it, and what its answers do.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    bench::{ANNA, BORIS, Bench},
    hook::{Hook, Reply},
};

#[tokio::test]
async fn a_webhook_is_set_and_deleted() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    let params = json!({
        "url": hook.url, "secret_token": "s3cret_-", "allowed_updates": ["message", "callback_query"],
        "max_connections": 7,
    });
    let answer = bench.call("setWebhook", params.clone()).await;
    assert_eq!(answer, json!({ "ok": true, "result": true, "description": "Webhook was set" }));
    assert_eq!(bench.call("setWebhook", params).await["description"], "Webhook is already set");
    assert_eq!(
        bench.ok("getWebhookInfo", json!({})).await,
        json!({
            "url": hook.url, "has_custom_certificate": false, "pending_update_count": 0, "max_connections": 7,
            "allowed_updates": ["message", "callback_query"],
        })
    );
    assert_eq!(bench.say(ANNA, "x").await["webhook_status"], 200);
    assert_eq!(hook.seen()[0].secret.as_deref(), Some("s3cret_-"));
    assert_eq!(bench.call("deleteWebhook", json!({})).await["description"], "Webhook was deleted");
    assert_eq!(bench.call("deleteWebhook", json!({})).await["description"], "Webhook is already deleted");
    assert_eq!(bench.ok("getWebhookInfo", json!({})).await["url"], "");
}

#[tokio::test]
async fn what_is_no_webhook_is_refused() {
    let bench = Bench::start().await;
    for (params, words) in [
        (json!({ "url": "http://example.org/" }), "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            json!({ "url": "https://example.org:1/" }),
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (json!({ "url": "https://a.b", "secret_token": "a b" }), "secret token contains unallowed characters"),
        (json!({ "url": "https://a.b", "secret_token": "x".repeat(257) }), "secret token is too long"),
        (json!({ "url": "https://a.b", "max_connections": 101 }), "max_connections must be between 1 and 100"),
        (json!({ "url": "https://a.b", "allowed_updates": "all" }), "can't parse allowed updates"),
    ] {
        assert_eq!(bench.refused("setWebhook", params).await, format!("Bad Request: {words}"));
    }
    assert!(bench.standin.set_webhook("http://127.0.0.1:1/", "no good").is_err());
}

#[tokio::test]
async fn updates_that_waited_come_in_order_or_are_dropped() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    for text in ["one", "two", "three"] {
        bench.say(ANNA, text).await;
    }
    assert_eq!(bench.ok("getWebhookInfo", json!({})).await["pending_update_count"], 3);
    bench.standin.set_webhook(&hook.url, "s").unwrap();
    let seen = hook.wait_for(3).await;
    let texts: Vec<_> = seen.iter().map(|seen| seen.update["message"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["one", "two", "three"]);
    let ids: Vec<_> = seen.iter().map(|seen| seen.update["update_id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [ids[0], ids[0] + 1, ids[0] + 2]);
    bench.ok("deleteWebhook", json!({})).await;
    bench.say(ANNA, "four").await;
    bench.ok("setWebhook", json!({ "url": hook.url, "drop_pending_updates": true })).await;
    bench.say(ANNA, "five").await;
    assert_eq!(hook.seen().last().unwrap().update["message"]["text"], "five");
    assert_eq!(hook.seen().len(), 4);
}

#[tokio::test]
async fn a_failed_update_comes_again_before_the_next() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.standin.set_webhook(&hook.url, "s").unwrap();
    bench.post("retries", json!({ "tries": 5, "first_delay_ms": 20, "most_delay_ms": 50 })).await;
    hook.reply([500, 302, 404].map(Reply::status));
    let (first, second) = tokio::join!(bench.say(ANNA, "one"), async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        bench.say(ANNA, "two").await
    });
    assert_eq!((&first["webhook_status"], &second["webhook_status"]), (&json!(500), &json!(200)));
    let texts: Vec<_> = hook.seen().iter().map(|seen| seen.update["message"]["text"].clone()).collect();
    assert_eq!(texts, ["one", "one", "one", "one", "two"]);
    let ids: Vec<_> = hook.seen().iter().map(|seen| seen.update["update_id"].clone()).collect();
    assert_eq!((&ids[0], &ids[3]), (&first["update_id"], &first["update_id"]));
    let info = bench.ok("getWebhookInfo", json!({})).await;
    assert_eq!((&info["pending_update_count"], info["last_error_date"].is_u64()), (&json!(0), true));
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 404");
}

#[tokio::test]
async fn one_persons_failure_does_not_delay_another() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.standin.set_webhook(&hook.url, "s").unwrap();
    bench.post("retries", json!({ "first_delay_ms": 3_000, "most_delay_ms": 3_000 })).await;
    hook.reply([Reply::status(500)]);
    assert_eq!(bench.say(ANNA, "one").await["webhook_status"], 500);
    let started = Instant::now();
    assert_eq!(bench.say(BORIS, "two").await["webhook_status"], 200);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn an_update_is_given_up_after_the_last_try() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.standin.set_webhook(&hook.url, "s").unwrap();
    bench.post("retries", json!({ "tries": 3, "first_delay_ms": 1 })).await;
    hook.reply([Reply::status(500), Reply::status(500), Reply::status(500)]);
    bench.say(ANNA, "one").await;
    hook.wait_for(3).await;
    assert_eq!(bench.say(ANNA, "two").await["webhook_status"], 200);
    assert_eq!(hook.seen().len(), 4);
    let updates = bench.control("updates").await["updates"].clone();
    assert_eq!((&updates[0]["state"], &updates[0]["tries"]), (&json!("lost"), &json!(3)));
    assert_eq!((&updates[1]["state"], &updates[1]["webhook_status"]), (&json!("delivered"), &json!(200)));
}

#[tokio::test]
async fn a_webhook_that_is_not_there_or_slow_is_a_failure() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.post("retries", json!({ "tries": 1, "timeout_ms": 100 })).await;
    bench.standin.set_webhook("http://127.0.0.1:1/", "s").unwrap();
    let told = bench.say(ANNA, "x").await;
    assert_eq!((&told["webhook_status"], &told["webhook_error"]), (&Value::Null, &json!("Connection refused")));
    bench.standin.set_webhook(&hook.url, "s").unwrap();
    hook.reply([Reply { delay: Duration::from_secs(5), ..Reply::status(200) }]);
    assert_eq!(bench.say(ANNA, "x").await["webhook_error"], "Read timeout expired");
}

#[tokio::test]
async fn the_answer_of_a_webhook_is_a_call() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.standin.set_webhook(&hook.url, "s").unwrap();
    hook.reply([
        Reply::method(json!({ "method": "sendMessage", "chat_id": ANNA, "text": "<b>hi</b>", "parse_mode": "HTML" })),
        Reply::method(json!({ "method": "sendMessage", "chat_id": ANNA, "text": "<b>hi" })),
        Reply::method(json!({ "method": "sendMessage", "chat_id": ANNA, "text": "<b>hi", "parse_mode": "HTML" })),
        Reply::method(json!({ "method": "deleteWebhook" })),
        Reply { status: 500, ..Reply::method(json!({ "method": "sendMessage", "chat_id": ANNA, "text": "no" })) },
    ]);
    for _ in 0..5 {
        bench.say(ANNA, "x").await;
    }
    let seen = bench.seen(ANNA).await;
    let said: Vec<_> = seen.iter().filter(|message| message["from"] == "bot").map(|message| &message["text"]).collect();
    assert_eq!(said, ["hi", "<b>hi"]);
    let answers = bench.control("answers").await["answers"].clone();
    assert_eq!((&answers[0]["method"], &answers[0]["ok"]), (&json!("sendMessage"), &json!(true)));
    assert!(answers[2]["error"].as_str().unwrap().starts_with("Bad Request: can't parse entities"));
    assert_eq!((answers.as_array().unwrap().len(), bench.standin.control().count("/bot")), (3, 0));
    assert_ne!(bench.ok("getWebhookInfo", json!({})).await["url"], "");
}

#[tokio::test]
async fn an_update_is_delivered_again_on_demand() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    assert_eq!(bench.post("deliver", json!({ "update": {} })).await.0, 409);
    bench.standin.set_webhook(&hook.url, "s").unwrap();
    let id = bench.say(ANNA, "x").await["update_id"].clone();
    let (status, told) = bench.post("deliver", json!({ "update_id": id, "times": 20, "parallel": true })).await;
    assert_eq!((status, &told["webhook_statuses"]), (200, &json!(vec![200; 20])));
    assert_eq!(hook.seen().len(), 21);
    assert!(hook.seen().iter().all(|seen| seen.update == hook.seen()[0].update && seen.secret.as_deref() == Some("s")));
    hook.reply([Reply::status(503)]);
    let (_, told) = bench.post("deliver", json!({ "update": { "update_id": 5, "poll": {} }, "times": 2 })).await;
    assert_eq!(told, json!({ "update_id": 5, "webhook_statuses": [503, 200] }));
    let (_, told) = bench.post("deliver", json!({ "update": { "poll": {} } })).await;
    assert_eq!(told["update_id"].as_i64(), id.as_i64().map(|id| id + 1));
    assert_eq!(bench.post("deliver", json!({ "update_id": 1 })).await.0, 404);
}

#[tokio::test]
async fn a_stop_ends_what_is_under_way() {
    let (bench, hook) = (Bench::start().await, Hook::start().await);
    bench.standin.set_webhook(&hook.url, "s").unwrap();
    hook.reply([Reply { delay: Duration::from_secs(30), ..Reply::status(200) }]);
    let request = bench.http.post(bench.url(&format!("/_control/people/{ANNA}/message"))).body(r#"{"text":"x"}"#);
    let waiting = tokio::spawn(request.send());
    hook.wait_for(1).await;
    let (url, started) = (bench.url("/"), Instant::now());
    bench.standin.stop().await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    let told: Value = waiting.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(told["webhook_status"], Value::Null);
    assert!(bench.http.get(url).send().await.is_err());
}
