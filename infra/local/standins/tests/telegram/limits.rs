//! 429: none by default, Telegram's when switched on, and on demand.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{ANNA, Bench, GROUP};

impl Bench {
    async fn try_send(&self, chat: i64) -> Value {
        self.call("sendMessage", json!({ "chat_id": chat, "text": "x" })).await
    }
}

#[tokio::test]
async fn nothing_is_limited_unless_it_is_switched_on() {
    let bench = Bench::start().await;
    for _ in 0..60 {
        assert_eq!(bench.try_send(ANNA).await["ok"], true);
    }
    let (_, limits) = bench.post("limits", json!({ "enabled": true })).await;
    assert_eq!(limits["per_chat"]["per_second"], 1.0);
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(bench.try_send(ANNA).await);
    }
    assert_eq!(answers[2]["ok"], true);
    assert_eq!(
        answers[3],
        json!({
            "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1",
            "parameters": { "retry_after": 1 },
        })
    );
    assert_eq!(bench.try_send(GROUP).await["ok"], true);
    bench.post("limits", json!({ "enabled": false })).await;
    assert_eq!(bench.try_send(ANNA).await["ok"], true);
}

#[tokio::test]
async fn all_chats_together_have_a_limit() {
    let bench = Bench::start().await;
    bench.post("limits", json!({ "overall": { "per_second": 0.1, "burst": 2 } })).await;
    assert_eq!(
        (bench.try_send(ANNA).await["ok"].as_bool(), bench.try_send(GROUP).await["ok"].as_bool()),
        (Some(true), Some(true))
    );
    assert_eq!(bench.try_send(ANNA).await["parameters"]["retry_after"], 10);
    let (status, words) = bench.post("limits", json!({ "per_chat": { "per_second": 0, "burst": 1 } })).await;
    assert_eq!(status, 400, "{words}");
}

#[tokio::test]
async fn a_chat_is_flooded_on_demand() {
    let bench = Bench::start().await;
    let id = bench.send("x").await;
    bench.post("floods", json!({ "chat_id": ANNA, "retry_after": 7, "count": 2 })).await;
    let answer = bench.http.post(bench.method_url("sendMessage")).json(&json!({ "chat_id": ANNA, "text": "x" }));
    let answer = answer.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    assert_eq!(bench.try_send(GROUP).await["ok"], true);
    let edit = json!({ "chat_id": ANNA, "message_id": id, "text": "y" });
    assert_eq!(bench.refused("editMessageText", edit).await, "Too Many Requests: retry after 7");
    assert_eq!(bench.try_send(ANNA).await["ok"], true);
    assert_eq!(bench.control("floods").await["floods"][0]["refused"], 2);
    assert_eq!(bench.seen(ANNA).await.len(), 2);
}

#[tokio::test]
async fn a_flood_of_seconds_ends() {
    let bench = Bench::start().await;
    bench.post("floods", json!({ "retry_after": 1 })).await;
    assert_eq!(bench.try_send(ANNA).await["parameters"]["retry_after"], 1);
    assert_eq!(bench.try_send(GROUP).await["parameters"]["retry_after"], 1);
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(bench.try_send(ANNA).await["ok"], true);
}
