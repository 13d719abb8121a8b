//! What a receiver may answer, and what comes of it: redirects, slowness, size, nonsense.

use std::time::{Duration, Instant};

use countersign_outbound::{ANSWER_BYTES, BadUrl, NotPosted, Outbound, Rules};
use tokio::io::AsyncWriteExt as _;

use crate::receiver::{Receiver, client, post};

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_small_answer_is_read() {
    let mut receiver = Receiver::answering(answer("200 OK", "", br#"{"reply": "Done"}"#)).await;
    let answered = post(&client(), &receiver.url()).await.unwrap();
    assert!(answered.accepted());
    assert_eq!(answered.body.as_deref(), Some(&br#"{"reply": "Done"}"#[..]));
    let received = receiver.next().await;
    assert!(received.head.starts_with("POST /hook?a=b HTTP/1.1"), "{}", received.head);
    assert_eq!((received.header("content-type"), received.body.as_str()), (Some("application/json"), r#"{"a":1}"#));
}

#[tokio::test]
async fn redirects_are_answers_and_not_followed() {
    let target = Receiver::answering(answer("200 OK", "", b"")).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let location = format!("location: http://{}/\r\n", target.address);
        let receiver = Receiver::answering(answer(status, &location, b"")).await;
        let answered = post(&client(), &receiver.url()).await.unwrap();
        assert!((300..400).contains(&answered.status) && !answered.accepted(), "{status}");
    }
    assert_eq!(target.count(), 0);
}

#[tokio::test]
async fn retry_after_is_read_where_it_is_a_number() {
    for (header, seconds) in [("retry-after: 120\r\n", Some(120)), ("retry-after: soon\r\n", None), ("", None)] {
        let receiver = Receiver::answering(answer("503 Busy", header, b"")).await;
        assert_eq!(post(&client(), &receiver.url()).await.unwrap().retry_after_seconds, seconds, "{header}");
    }
}

#[tokio::test]
async fn a_huge_answer_is_not_kept() {
    let whole = Receiver::answering(answer("200 OK", "", &vec![b'a'; ANSWER_BYTES])).await;
    assert_eq!(post(&client(), &whole.url()).await.unwrap().body.map(|body| body.len()), Some(ANSWER_BYTES));
    let larger = Receiver::answering(answer("200 OK", "", &vec![b'a'; ANSWER_BYTES + 1])).await;
    let answered = post(&client(), &larger.url()).await.unwrap();
    assert_eq!((answered.status, answered.body), (200, None));
    let endless = Receiver::with(|mut stream| async move {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let _cut = stream.write_all(head).await;
        let chunk = [&b"1000\r\n"[..], &[b'a'; 4096], b"\r\n"].concat();
        while stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    assert_eq!(post(&client(), &endless.url()).await.unwrap().body, None);
}

#[tokio::test]
async fn a_slow_receiver_is_left_in_time() {
    let silent = Receiver::with(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let dripping = Receiver::with(|mut stream| async move {
        let _cut = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        while stream.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let hurried = client().with_timeout(Duration::from_millis(400));
    for receiver in [&silent, &dripping] {
        let begun = Instant::now();
        assert_eq!(post(&hurried, &receiver.url()).await, Err(NotPosted::Timeout));
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn nonsense_and_silence_are_told_apart_from_no_connection() {
    let nonsense = Receiver::answering(b"hello".to_vec()).await;
    assert_eq!(post(&client(), &nonsense.url()).await, Err(NotPosted::Lost));
    let silent = Receiver::answering(Vec::new()).await;
    assert_eq!(post(&client(), &silent.url()).await, Err(NotPosted::Lost));
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(post(&client(), &format!("http://{free}/")).await, Err(NotPosted::Connect));
}

#[tokio::test]
async fn without_the_switch_this_machine_is_not_reached() {
    let receiver = Receiver::answering(answer("200 OK", "", b"")).await;
    let port = receiver.address.port();
    let strict = Outbound::new(Rules::default().with_ports([port])).unwrap();
    assert_eq!(post(&strict, &receiver.url()).await, Err(NotPosted::Url(BadUrl::Scheme)));
    for host in ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"] {
        let refused = post(&strict, &format!("https://{host}:{port}/")).await;
        assert!(matches!(refused, Err(NotPosted::Url(BadUrl::Address(_)))), "{host}: {refused:?}");
    }
    assert_eq!(receiver.count(), 0);
}
