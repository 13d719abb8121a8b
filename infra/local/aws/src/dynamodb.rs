//! DynamoDB with streams: dynoxide on a listener of its own behind the one endpoint, and the sweep its TTL needs.

use std::{net::Ipv4Addr, path::Path, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, Response, Uri, header, uri::InvalidUri},
};
use dynoxide::Database;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use crate::{database::create_private_file, error::AwsError, instance::StartError};

type Bytes = axum::body::Bytes;

/// How long the last requests may take after a stop was asked for.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// The running database.
pub(crate) struct DynamoDb {
    database: Database,
    address: Uri,
    client: Client<HttpConnector, Full<Bytes>>,
    stop: watch::Sender<bool>,
    /// Counts requests that may have written: who reads a stream waits for it.
    written: watch::Sender<u64>,
}

/// What runs beside the requests.
pub(crate) struct Running {
    server: JoinHandle<Result<(), String>>,
    sweeper: JoinHandle<()>,
}

impl DynamoDb {
    /// Opens or makes the file (none: memory) and serves it on a loopback port of its own.
    pub(crate) async fn start(path: Option<&Path>, ttl_sweep: Duration) -> Result<(Self, Running), StartError> {
        let database = open(path)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}/", listener.local_addr()?).parse().map_err(|_: InvalidUri| StartError::Uri)?;
        let stop = watch::Sender::new(false);
        let served = database.clone();
        let mut stopping = stop.subscribe();
        let server = tokio::spawn(async move {
            let stopped = async move { _ = stopping.wait_for(|stop| *stop).await };
            dynoxide::server::serve_with_shutdown(listener, served, stopped).await
        });
        let sweeper = tokio::spawn(sweep_often(database.clone(), ttl_sweep, stop.subscribe()));
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok((Self { database, address, client, stop, written: watch::Sender::new(0) }, Running { server, sweeper }))
    }

    /// Hands a request on as it came and its answer back as it is.
    pub(crate) async fn forward(&self, headers: &HeaderMap, body: Bytes) -> Result<Response<Body>, AwsError> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.address.clone();
        *request.headers_mut() = end_to_end(headers);
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "dynoxide did not answer");
            AwsError::internal()
        };
        let answer = self.client.request(request).await.map_err(|error| failed(&error))?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| failed(&error))?.to_bytes();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = head.status;
        *response.headers_mut() = end_to_end(&head.headers);
        if may_write(headers) {
            self.written.send_modify(|count| *count += 1);
        }
        Ok(response)
    }

    /// The database itself, and what tells of writes to it.
    pub(crate) fn inside(&self) -> (Database, watch::Receiver<u64>) {
        (self.database.clone(), self.written.subscribe())
    }

    /// Removes the items whose TTL has passed; answers how many.
    pub(crate) async fn sweep(&self) -> usize {
        sweep(self.database.clone()).await
    }

    /// Ends the server and the sweeper when their work is done, at the latest after a short wait.
    pub(crate) async fn stop(&self, running: Running) {
        self.stop.send_replace(true);
        let Running { mut server, mut sweeper } = running;
        if timeout(STOP_WAIT, &mut server).await.is_err() {
            server.abort();
        }
        if timeout(STOP_WAIT, &mut sweeper).await.is_err() {
            sweeper.abort();
        }
    }
}

/// Reads are known by their names; what is not known may write.
fn may_write(headers: &HeaderMap) -> bool {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.split_once('.').map_or("", |(_, operation)| operation);
    !["Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List"]
        .iter()
        .any(|read| operation.starts_with(read))
}

fn open(path: Option<&Path>) -> Result<Database, StartError> {
    let database = match path {
        None => Database::memory(),
        Some(path) => {
            create_private_file(path)?;
            Database::new(path.to_str().ok_or(StartError::Path)?)
        }
    };
    database.map_err(|error| StartError::DynamoDb(error.to_string()))
}

async fn sweep_often(database: Database, every: Duration, mut stopping: watch::Receiver<bool>) {
    let every = every.max(Duration::from_millis(10));
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => { sweep(database.clone()).await; }
            _ = stopping.changed() => return,
        }
    }
}

/// On a blocking thread, because it waits for requests that hold the database.
async fn sweep(database: Database) -> usize {
    match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
        Ok(Ok(swept)) => swept,
        Ok(Err(error)) => {
            tracing::error!(%error, "the TTL sweep failed");
            0
        }
        Err(_) => 0,
    }
}

/// The headers without those that belong to one connection.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in [header::CONNECTION, header::CONTENT_LENGTH, header::EXPECT, header::HOST, header::TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers
}
