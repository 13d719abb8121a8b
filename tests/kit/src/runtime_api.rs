//! A Lambda Runtime API on loopback (version 2018-06-01), as small as its documentation: next, response, error, init/error.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt as _,
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, mpsc, oneshot, watch},
    task::JoinHandle,
};
use uuid::Uuid;

/// The largest payload of an invocation, in bytes.
const PAYLOAD_BYTES: usize = 6 * 1024 * 1024;
/// How long a function may take, as the deadline says it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Whose invocations they are.
const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:countersign-test";

/// A Runtime API that one function is served by. Ends when it is dropped.
pub struct RuntimeApi {
    address: SocketAddr,
    queue: mpsc::UnboundedSender<Queued>,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// An event that a function has not answered yet.
pub struct Pending {
    /// The invocation's id.
    pub request_id: String,
    answer: oneshot::Receiver<Answered>,
}

/// What a function made of an event: its answer, or its error document; and when.
pub(crate) struct Answered {
    pub(crate) result: Result<Value, Value>,
    pub(crate) at: Instant,
}

struct Queued {
    request_id: String,
    event: String,
    answer: oneshot::Sender<Answered>,
}

struct Shared {
    waiting: AsyncMutex<mpsc::UnboundedReceiver<Queued>>,
    running: Mutex<HashMap<String, oneshot::Sender<Answered>>>,
    ready: watch::Sender<Option<Instant>>,
    first_answer: Mutex<Option<Instant>>,
    init_error: Mutex<Option<Value>>,
}

impl RuntimeApi {
    /// Serves on a free port.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (queue, waiting) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            waiting: AsyncMutex::new(waiting),
            running: Mutex::default(),
            ready: watch::channel(None).0,
            first_answer: Mutex::default(),
            init_error: Mutex::default(),
        });
        let router = router(Arc::clone(&shared));
        let listener = listener.tap_io(|stream| {
            let _slower = stream.set_nodelay(true);
        });
        let server = tokio::spawn(async move {
            let _never_ends = axum::serve(listener, router).await;
        });
        Ok(Self { address, queue, shared, server })
    }

    /// `host:port`, for `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Puts an event behind those that wait.
    #[must_use]
    pub fn queue(&self, event: &Value) -> Pending {
        let (sender, answer) = oneshot::channel();
        let request_id = Uuid::new_v4().to_string();
        // Nobody takes it where the server has ended; the answer then never comes, and the waiting is bounded.
        let _taken =
            self.queue.send(Queued { request_id: request_id.clone(), event: event.to_string(), answer: sender });
        Pending { request_id, answer }
    }

    /// When the function first asked for an event; waits until it does.
    pub async fn ready(&self) -> Instant {
        let mut ready = self.shared.ready.subscribe();
        let at = ready.wait_for(Option::is_some).await.ok().and_then(|at| *at);
        at.unwrap_or_else(Instant::now)
    }

    /// When the function first asked for an event, if it has.
    #[must_use]
    pub fn ready_at(&self) -> Option<Instant> {
        *self.shared.ready.borrow()
    }

    /// When the function first answered, if it has.
    #[must_use]
    pub fn first_answer_at(&self) -> Option<Instant> {
        *lock(&self.shared.first_answer)
    }

    /// What the function said of an init that failed.
    #[must_use]
    pub fn init_error(&self) -> Option<Value> {
        lock(&self.shared.init_error).clone()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Pending {
    /// The answer; none where the Runtime API ended.
    pub(crate) async fn answered(&mut self) -> Option<Answered> {
        (&mut self.answer).await.ok()
    }
}

fn router(shared: Arc<Shared>) -> Router {
    let routes = Router::new()
        .route("/runtime/invocation/next", get(next))
        .route("/runtime/invocation/{id}/response", post(response))
        .route("/runtime/invocation/{id}/error", post(error))
        .route("/runtime/init/error", post(init_error))
        .with_state(shared);
    Router::new().nest("/2018-06-01", routes).layer(DefaultBodyLimit::max(PAYLOAD_BYTES))
}

/// A long poll: answers when there is an event.
async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.ready.send_if_modified(|ready| ready.is_none() && ready.replace(Instant::now()).is_none());
    let Some(queued) = shared.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    lock(&shared.running).insert(queued.request_id.clone(), queued.answer);
    let deadline = SystemTime::now() + TIMEOUT;
    let deadline = deadline.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let id = Uuid::new_v4().simple().to_string();
    let trace = format!("Root=1-{}-{};Parent={};Sampled=0", cut(&id, 0, 8), cut(&id, 8, 24), cut(&id, 0, 16));
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", queued.request_id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", FUNCTION_ARN.to_owned()),
        ("lambda-runtime-trace-id", trace),
    ];
    (headers, queued.event).into_response()
}

async fn response(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    let now = Instant::now();
    shared.answer(&id, Ok(document(&body)), now)
}

async fn error(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    let now = Instant::now();
    shared.answer(&id, Err(document(&body)), now)
}

async fn init_error(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    *lock(&shared.init_error) = Some(document(&body));
    accepted()
}

impl Shared {
    fn answer(&self, id: &str, result: Result<Value, Value>, at: Instant) -> Response {
        let Some(waiting) = lock(&self.running).remove(id) else {
            let message = json!({ "errorMessage": "no such invocation", "errorType": "InvalidRequestID" });
            return (StatusCode::BAD_REQUEST, Json(message)).into_response();
        };
        lock(&self.first_answer).get_or_insert(at);
        let _nobody_waits_any_more = waiting.send(Answered { result, at });
        accepted()
    }
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

/// JSON, or the text that came in its place.
fn document(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

fn cut(text: &str, from: usize, length: usize) -> &str {
    text.get(from..from + length).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
