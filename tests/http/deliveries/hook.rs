//! A service's own server: keeps what it is sent, answers one thing after the other.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use standardwebhooks::Webhook;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// What came in.
pub(crate) struct Posted {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Posted {
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }

    /// As a receiver checks it, with the library of Standard Webhooks.
    pub(crate) fn is_of(&self, secret: &str) -> bool {
        Webhook::new(secret).unwrap().verify(self.body.as_bytes(), &self.headers).is_ok()
    }
}

/// The server.
pub(crate) struct Hook {
    pub(crate) url: String,
    posted: mpsc::UnboundedReceiver<Posted>,
}

impl Hook {
    /// Answers these statuses with these bodies in turn, the last one for ever.
    pub(crate) async fn answering(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, posted) = mpsc::unbounded_channel();
        let answers: VecDeque<_> = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let answers = Arc::new(Mutex::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), sender.clone()));
            }
        });
        Self { url, posted }
    }

    pub(crate) async fn next(&mut self) -> Posted {
        tokio::time::timeout(std::time::Duration::from_secs(20), self.posted.recv()).await.unwrap().unwrap()
    }

    /// How many came in since anybody looked.
    pub(crate) fn waiting(&self) -> usize {
        self.posted.len()
    }
}

async fn serve(
    mut stream: TcpStream,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    sender: mpsc::UnboundedSender<Posted>,
) {
    let Some(posted) = read(&mut stream).await else { return };
    let (status, body) = {
        let mut answers = answers.lock().unwrap();
        if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
    };
    let _gone = sender.send(posted);
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let _cut = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Posted> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 8192];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let headers: HeaderMap = head.lines().skip(1).filter_map(header).collect();
        let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
        if bytes.len() >= end + 4 + length {
            return Some(Posted { headers, body: String::from_utf8(bytes[end + 4..].to_vec()).unwrap() });
        }
    }
}

fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().parse().ok()?, value.trim().parse().ok()?))
}
