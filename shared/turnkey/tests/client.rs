//! What the client makes of answers, wrong answers and none, over HTTP.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use axum::{Json, Router, routing::post};
use countersign_local_control::{Control, Cut, Fault, serve};
use countersign_turnkey::{
    Outcome, SIGN_RAW_PAYLOAD_PATH, SIGN_RAW_PAYLOAD_TYPE, SubmitError, Turnkey, get_activity_body,
    list_activities_body,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

fn http() -> Result<reqwest::Client, reqwest::Error> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().build()
}

fn signed() -> Value {
    let half = "0a".repeat(32);
    json!({"id": "a-1", "status": "ACTIVITY_STATUS_COMPLETED", "type": SIGN_RAW_PAYLOAD_TYPE,
           "result": {"signRawPayloadResult": {"r": half, "s": half, "v": "00"}}})
}

async fn start() -> (Turnkey, Control) {
    let answer = || async { Json(json!({ "activity": signed() })) };
    let router = Router::new()
        .route(SIGN_RAW_PAYLOAD_PATH, post(answer))
        .route("/public/v1/query/get_activity", post(answer))
        .route("/public/v1/query/list_activities", post(|| async { Json(json!({ "activities": [signed()] })) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let control = Control::new();
    tokio::spawn(serve(listener, router, control.clone(), std::future::pending()));
    (Turnkey::new(&url, http).with_timeout(Duration::from_millis(500)), control)
}

#[tokio::test]
async fn sends_exactly_the_body_and_the_stamp() {
    let (turnkey, control) = start().await;
    let outcome = turnkey.submit(b"{ \"a\":1}", "the-stamp").await.unwrap();
    assert_eq!(outcome, Outcome::Signed([0x0a; 64]));
    let request = &control.requests()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", SIGN_RAW_PAYLOAD_PATH));
    assert_eq!((request.body.as_str(), request.headers["x-stamp"].as_str()), ("{ \"a\":1}", "the-stamp"));
    assert_eq!(request.headers["content-type"], "application/json");
    let seen = turnkey.get_activity(&get_activity_body("o", "a-1"), "s").await.unwrap();
    assert_eq!((seen.id.as_str(), seen.outcome), ("a-1", Outcome::Signed([0x0a; 64])));
    assert_eq!(turnkey.list_activities(&list_activities_body("o", 10, None), "s").await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_known_not_to_have_run() {
    let (turnkey, control) = start().await;
    control.add_fault(Fault::status(429).header("retry-after", "7"));
    let throttled = SubmitError::Throttled { retry_after_seconds: Some(7) };
    assert_eq!(turnkey.submit(b"{}", "s").await, Err(throttled));
    control.add_fault(Fault::status(429));
    assert_eq!(turnkey.submit(b"{}", "s").await, Err(SubmitError::Throttled { retry_after_seconds: None }));
    for status in [400, 401, 403, 404] {
        control.add_fault(Fault::status(status).body(json!({"code": 3, "message": "no\n!", "details": []})));
        assert_eq!(turnkey.submit(b"{}", "s").await, Err(SubmitError::Refused { status, message: "no!".into() }));
    }
    control.add_fault(Fault::status(400).body("<html>"));
    assert_eq!(turnkey.submit(b"{}", "s").await, Err(SubmitError::Refused { status: 400, message: String::new() }));

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = Turnkey::new(&format!("http://{closed}"), http);
    assert_eq!(nobody.submit(b"{}", "s").await, Err(SubmitError::NotSent));
    let before = control.count("");
    assert_eq!(turnkey.submit(b"{}", "a\nb").await, Err(SubmitError::NotSent), "no header carries this stamp");
    assert_eq!(control.count(""), before);
}

#[tokio::test]
async fn what_may_have_run() {
    let (turnkey, control) = start().await;
    for fault in [
        Fault::cut(Cut::Before),
        Fault::cut(Cut::After),
        Fault::delay(Duration::from_millis(900)),
        Fault::status(500),
        Fault::status(502),
        Fault::status(408),
        Fault::status(202),
        Fault::default().body("<html>"),
        Fault::default().body("x".repeat(2 * 1024 * 1024)),
        Fault::default().body(json!({"activity": {}})),
    ] {
        let shown = format!("{:?} {:?} {}", fault.status, fault.cut, fault.delay_ms);
        control.clear();
        control.add_fault(fault);
        let outcome = turnkey.submit(b"{}", "s").await;
        assert!(matches!(outcome, Err(SubmitError::Unknown { .. })), "{shown}: {outcome:?}");
        assert_eq!(control.count(""), 1, "{shown}: it is never sent again by itself");
    }
    assert!(turnkey.submit(b"{}", "s").await.is_ok());
}
