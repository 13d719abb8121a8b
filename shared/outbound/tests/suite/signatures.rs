//! Signatures as receivers check them: with the library of Standard Webhooks, on what really came over the wire.

use countersign_core::Secret;
use countersign_outbound::{Letter, LetterError};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use standardwebhooks::Webhook;

use crate::receiver::{Received, Receiver, SECRET, client, now, post};

const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn headers(received: &Received) -> HeaderMap {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let header = |name: &'static str| {
        (HeaderName::from_static(name), HeaderValue::from_str(received.header(name).unwrap()).unwrap())
    };
    names.map(header).into_iter().collect()
}

fn verified(secret: &str, received: &Received) -> bool {
    Webhook::new(secret).unwrap().verify(received.body.as_bytes(), &headers(received)).is_ok()
}

#[tokio::test]
async fn a_receiver_with_the_library_accepts_it() {
    let mut receiver = Receiver::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert!(post(&client(), &receiver.url()).await.unwrap().accepted());
    let mut received = receiver.next().await;
    assert!(verified(SECRET, &received) && !verified(OTHER, &received));
    received.body.push(' ');
    assert!(!verified(SECRET, &received));
}

#[tokio::test]
async fn while_secrets_are_rotated_either_is_good() {
    let mut receiver = Receiver::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let secrets = [Secret::from(OTHER.to_owned()), Secret::from(SECRET.to_owned())];
    let letter = Letter { id: "msg_2", body: "{}", secrets: &secrets };
    assert!(client().post(&receiver.url(), &letter, now()).await.unwrap().accepted());
    let received = receiver.next().await;
    assert_eq!(received.header("webhook-signature").unwrap().split(' ').count(), 2);
    assert!(verified(SECRET, &received) && verified(OTHER, &received));
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let secret = || Secret::from(SECRET.to_owned());
    let headers = |id: &str, secrets: &[Secret]| Letter { id, body: "{}", secrets }.headers(now()).map(|_| ());
    assert_eq!(headers("msg_1", &[secret()]), Ok(()));
    for id in ["", "a.b", "a b", "a\r\nb", "ключ"] {
        assert_eq!(headers(id, &[secret()]), Err(LetterError::Id), "{id}");
    }
    assert_eq!(headers("msg_1", &[]), Err(LetterError::NoSecret));
    assert_eq!(headers("msg_1", &[Secret::from("whsec_!".to_owned())]), Err(LetterError::Secret));
}
