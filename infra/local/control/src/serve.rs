//! Serves a router over HTTP/1.1 with recording and faults around it; hyper by hand, because only so a connection can be cut.

use std::{io, time::Duration};

use axum::{Router, body::Body};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

use crate::{BODY_BYTES, CONTROL_PREFIX, Control, Cut, Fault, Recorded, SHUTDOWN_SECONDS, routes};

/// How long a client may take to send its headers, in seconds.
const HEADER_SECONDS: u64 = 30;
/// How long to wait after the system refused to accept a connection (no file descriptors left), in milliseconds.
const ACCEPT_PAUSE_MILLIS: u64 = 50;

/// The connection is closed without an answer.
#[derive(Debug)]
struct CutConnection;

impl std::fmt::Display for CutConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl std::error::Error for CutConnection {}

/// Serves `router` and the control routes until `shutdown` is done; then open connections have
/// [`SHUTDOWN_SECONDS`] to finish.
///
/// # Errors
/// When the listener's own address cannot be read: it is not listening.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    control: Control,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    listener.local_addr()?;
    let router = router.merge(routes::router(control.clone()));
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, router.clone(), control.clone(), stopping.clone()));
                }
                Err(_) => sleep(Duration::from_millis(ACCEPT_PAUSE_MILLIS)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    drop(stop);
    let all_finished = async { while connections.join_next().await.is_some() {} };
    if timeout(Duration::from_secs(SHUTDOWN_SECONDS), all_finished).await.is_err() {
        connections.shutdown().await;
    }
    Ok(())
}

async fn serve_connection(stream: TcpStream, router: Router, control: Control, mut stopping: watch::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, router.clone(), control.clone()));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(HEADER_SECONDS));
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(request: Request<Incoming>, router: Router, control: Control) -> Result<Response<Body>, CutConnection> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, BODY_BYTES).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Ok(too_large()),
        Err(_) => return Err(CutConnection),
    };
    let under_control = head.uri.path().starts_with(CONTROL_PREFIX);
    let recorded = (!under_control).then(|| Recorded::new(&head, &body));
    let request = Request::from_parts(head, Body::from(body));
    let Some(recorded) = recorded else {
        return Ok(handle(router, request).await);
    };
    // A task of its own: a client that hangs up does not undo what it asked for.
    tokio::spawn(recorded_answer(request, recorded, router, control)).await.unwrap_or(Err(CutConnection))
}

async fn recorded_answer(
    request: Request<Body>,
    recorded: Recorded,
    router: Router,
    control: Control,
) -> Result<Response<Body>, CutConnection> {
    let label = recorded.label.clone();
    let number = control.record(recorded);
    let response = match control.strike(number, &label) {
        None => handle(router, request).await,
        Some(fault) => faulted(fault, router, request).await?,
    };
    control.answered(number, response.status().as_u16());
    Ok(response)
}

async fn faulted(fault: Fault, router: Router, request: Request<Body>) -> Result<Response<Body>, CutConnection> {
    if fault.delay_ms > 0 {
        sleep(Duration::from_millis(fault.delay_ms)).await;
    }
    match fault.cut {
        Some(Cut::Before) => return Err(CutConnection),
        Some(Cut::After) => {
            handle(router, request).await;
            return Err(CutConnection);
        }
        None => {}
    }
    let mut response = if fault.answers() { made_up(&fault) } else { handle(router, request).await };
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

fn made_up(fault: &Fault) -> Response<Body> {
    let (kind, body) = match &fault.body {
        None => (None, Body::empty()),
        Some(Value::String(text)) => (Some("text/plain; charset=utf-8"), Body::from(text.clone())),
        Some(json) => (Some("application/json"), Body::from(json.to_string())),
    };
    let mut response = Response::new(body);
    *response.status_mut() = fault.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or_default();
    if let Some(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response
}

async fn handle(router: Router, request: Request<Body>) -> Response<Body> {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn too_large() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}
