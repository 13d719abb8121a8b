//! Of a key in a body nothing is left once the call is over: the process's memory is searched. Alone in its file, so that no
//! other test has a key in it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use axum::{
    body::Body,
    extract::{FromRequest as _, Request},
};
use countersign_edge::Call;
use countersign_testkit::MaskedKey;
use zeroize::Zeroizing;

/// Digits of the key: more than an allocator writes over when it takes a piece back.
const DIGITS: usize = 800;

/// How often a piece of the key is in this process's memory.
fn found(key: &MaskedKey) -> usize {
    key.found_in("self").unwrap()
}

/// A call with an idempotency key; it takes the body over, without a copy.
async fn call(content_type: &str, body: Vec<u8>) -> Call {
    let request = Request::post("/keys/form").header("content-type", content_type).header("idempotency-key", "one");
    Call::from_request(request.body(Body::from(body)).unwrap(), &()).await.ok().unwrap()
}

/// 64 numbers as a browser sends the file of solana-keygen, and as they are searched.
fn numbers() -> (Vec<u8>, MaskedKey) {
    let numbers: Vec<String> = (0..64_u32).map(|at| (100 + (at * 37 + 11) % 150).to_string()).collect();
    let sent = format!("code=c&private_key=%5B{}%5D&address=", numbers.join("%2C"));
    (sent.into_bytes(), MaskedKey::of_text(&Zeroizing::new(numbers.join(","))))
}

/// A body with a key in it, and the key as it is searched.
fn digits() -> (Vec<u8>, MaskedKey) {
    let mut body = Vec::with_capacity(DIGITS + 20);
    body.extend(br#"{"private_key":""#);
    let begin = body.len();
    body.extend((0..DIGITS).map(|at| b"0123456789abcdef"[(at * at / 3 + at * 7) % 16]));
    let masked = MaskedKey::of_text(std::str::from_utf8(&body[begin..]).unwrap());
    body.extend(br#""}"#);
    (body, masked)
}

#[tokio::test]
async fn nothing_of_a_key_is_left_of_a_form_or_of_what_names_a_call() {
    let (body, list) = numbers();
    let sent = call("application/x-www-form-urlencoded", body).await;
    let key = sent.form_field("private_key").unwrap().unwrap();
    assert!(key.expose().starts_with(b"[") && key.expose().ends_with(b"]"));
    assert!(found(&list) > 0, "the search finds the key while it is held");
    drop(key);
    assert_eq!(found(&list), 0, "after a form was read");
    drop(sent);
    let (body, digits) = digits();
    let sent = call("application/json", body).await;
    assert!(sent.idempotency().is_some() && found(&digits) > 0);
    drop(sent);
    assert_eq!(found(&digits), 0, "after it was hashed for its idempotency key");
}
