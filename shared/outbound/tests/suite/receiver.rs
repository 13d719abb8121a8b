//! A receiver on a socket of its own: what it was sent, and what it answers, to the byte.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use countersign_core::{Moment, Secret};
use countersign_outbound::{Answered, Letter, NotPosted, Outbound, Rules};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// The secret of the published vectors.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One request as it came in.
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        line.split_once(':').map(|(_, value)| value.trim())
    }
}

/// A running receiver.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    received: mpsc::UnboundedReceiver<Received>,
}

impl Receiver {
    /// Answers every request with these bytes.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = Arc::new(answer.into());
        Self::with(move |mut stream: TcpStream| {
            let answer = Arc::clone(&answer);
            async move {
                // A client that has read enough hangs up.
                let _cut = stream.write_all(&answer).await;
                let _cut = stream.shutdown().await;
            }
        })
        .await
    }

    /// Does this with the connection once the request is read.
    pub(crate) async fn with<F>(respond: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let Some(request) = read(&mut stream).await else { continue };
                let _gone = sender.send(request);
                tokio::spawn(respond(stream));
            }
        });
        Self { address, connections, received }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?a=b", self.address)
    }

    pub(crate) async fn next(&mut self) -> Received {
        self.received.recv().await.unwrap()
    }

    pub(crate) fn count(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let received = Received { head: head.to_owned(), body: body.to_owned() };
        let length: usize = received.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if received.body.len() >= length {
            return Some(received);
        }
    }
}

/// A client that may reach this machine.
pub(crate) fn client() -> Outbound {
    Outbound::new(Rules::default().with_loopback()).unwrap()
}

pub(crate) fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Moment::from_seconds(i64::try_from(since.as_secs()).unwrap())
}

/// Posts a small letter.
pub(crate) async fn post(client: &Outbound, url: &str) -> Result<Answered, NotPosted> {
    let secrets = [Secret::from(SECRET.to_owned())];
    client.post(url, &Letter { id: "msg_1", body: r#"{"a":1}"#, secrets: &secrets }, now()).await
}
