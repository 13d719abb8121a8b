//! Names that lead into our own network, at once or only when it counts.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use countersign_outbound::{Found, Names, NotPosted, Outbound, Rules};

use crate::receiver::{Receiver, post};

/// Answers its lists one after the other, the last one for ever.
struct Fickle {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Fickle {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let list = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self { answers: answers.iter().map(list).collect(), asked: AtomicUsize::new(0) })
    }
}

impl Names for Fickle {
    fn look_up(&self, _: String) -> Found {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[asked.min(self.answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    }
}

fn client(names: Arc<Fickle>, port: u16) -> Outbound {
    Outbound::with_names(Rules::default().with_ports([port]), names).unwrap()
}

#[tokio::test]
async fn a_name_of_our_own_network_is_refused_before_any_connection() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let port = receiver.address.port();
    for address in
        ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00:ec2::254", "64:ff9b::7f00:1"]
    {
        let refused =
            post(&client(Fickle::new(&[&[address]]), port), &format!("https://evil.example.org:{port}/")).await;
        assert!(matches!(refused, Err(NotPosted::Address(_))), "{address}: {refused:?}");
    }
    assert_eq!(receiver.count(), 0);
}

#[tokio::test]
async fn one_private_address_among_public_ones_spoils_them_all() {
    let names = Fickle::new(&[&["93.184.215.14", "127.0.0.1"]]);
    let refused = post(&client(names, 443), "https://evil.example.org/").await;
    assert_eq!(refused, Err(NotPosted::Address("loopback")));
}

/// The name is public when it is first looked up and loopback ever after. The connection is made to what was checked, so
/// the listener on loopback sees nobody; only the next post asks again, and is refused.
#[tokio::test]
async fn a_name_that_changes_between_check_and_connection_gains_nothing() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let port = receiver.address.port();
    let names = Fickle::new(&[&["93.184.215.14"], &["127.0.0.1"]]);
    let client = client(Arc::clone(&names), port).with_timeout(std::time::Duration::from_millis(300));
    let url = format!("https://evil.example.org:{port}/");
    let first = post(&client, &url).await;
    assert!(matches!(first, Err(NotPosted::Connect | NotPosted::Timeout)), "{first:?}");
    assert_eq!((names.asked.load(Ordering::SeqCst), receiver.count()), (1, 0));
    assert_eq!(post(&client, &url).await, Err(NotPosted::Address("loopback")));
    assert_eq!((names.asked.load(Ordering::SeqCst), receiver.count()), (2, 0));
}

#[tokio::test]
async fn localhost_is_this_machine_only_where_that_is_allowed() {
    let mut receiver = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let url = format!("http://localhost:{}/", receiver.address.port());
    let local = Outbound::with_names(Rules::default().with_loopback(), Fickle::new(&[&["127.0.0.1"]])).unwrap();
    assert!(post(&local, &url).await.unwrap().accepted());
    assert_eq!(receiver.next().await.body, r#"{"a":1}"#);
    let strange = Outbound::with_names(Rules::default().with_loopback(), Fickle::new(&[&["10.0.0.1"]])).unwrap();
    assert_eq!(post(&strange, &url).await, Err(NotPosted::Address("private")));
}
