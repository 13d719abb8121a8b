//! Stands between the SDK of a process and the embedded AWS, and does to DynamoDB's calls what networks and busy tables do.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, StatusCode, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What may happen to a call to DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The table has no capacity left for it.
    Throttled,
    /// The account's rate is exceeded.
    RateExceeded,
    /// Another transaction holds one of its items.
    Conflict,
    /// 500, and nothing was done.
    Internal,
    /// The connection is closed before the call arrives.
    CutBefore,
    /// The call is carried out and its answer is lost.
    CutAfter,
    /// The call arrives when its sender has stopped waiting.
    Late,
}

/// Each with how many of a thousand calls it strikes.
const FAULTS: [(Fault, u32); 7] = [
    (Fault::Throttled, 6),
    (Fault::RateExceeded, 6),
    (Fault::Conflict, 20),
    (Fault::Internal, 4),
    (Fault::CutBefore, 8),
    (Fault::CutAfter, 12),
    (Fault::Late, 2),
];
/// Longer than one try of the functions' SDK (`edge::start::timeouts`).
const LATE: Duration = Duration::from_millis(1700);

/// A running proxy.
pub(crate) struct Proxy {
    url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    http: reqwest::Client,
    target: Mutex<String>,
    dice: Mutex<fastrand::Rng>,
    armed: AtomicBool,
    ordered: Mutex<Vec<(Fault, &'static str)>>,
    passed: AtomicUsize,
    struck: [AtomicUsize; FAULTS.len()],
}

impl Proxy {
    /// Starts one that forwards everything to `target` as it is, until it is armed.
    pub(crate) async fn start(target: &str, seed: u64) -> Self {
        // The kit's client installs the TLS provider, without which none is built.
        let _installed = countersign_testkit::Client::new(target);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            target: Mutex::new(target.to_owned()),
            dice: Mutex::new(fastrand::Rng::with_seed(seed)),
            armed: AtomicBool::new(false),
            ordered: Mutex::new(Vec::new()),
            passed: AtomicUsize::new(0),
            struck: Default::default(),
        });
        let serving = tokio::spawn(serve(listener, shared.clone()));
        Self { url, shared, serving }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Forwards to another AWS from now on: the first one was started anew.
    pub(crate) fn retarget(&self, target: &str) {
        *lock(&self.shared.target) = target.to_owned();
    }

    /// Strikes at random from now on, or no more.
    pub(crate) fn arm(&self, armed: bool) {
        self.shared.armed.store(armed, Ordering::Relaxed);
    }

    /// Strikes the next call of this operation, such as `TransactWriteItems`.
    pub(crate) fn order(&self, fault: Fault, operation: &'static str) {
        lock(&self.shared.ordered).push((fault, operation));
    }

    /// How many calls have passed.
    pub(crate) fn passed(&self) -> usize {
        self.shared.passed.load(Ordering::Relaxed)
    }

    /// How often this fault struck.
    pub(crate) fn struck(&self, fault: Fault) -> usize {
        self.shared.struck[place(fault)].load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} calls to DynamoDB passed", self.passed())?;
        FAULTS.iter().try_for_each(|(fault, _)| write!(f, ", {fault:?} {}", self.struck(*fault)))
    }
}

fn place(fault: Fault) -> usize {
    FAULTS.iter().position(|(known, _)| *known == fault).unwrap()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve_connection(stream, shared.clone()));
        }
    }
}

async fn serve_connection(stream: TcpStream, shared: Arc<Shared>) {
    let _set = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, shared.clone()));
    // An error of the service is a connection that ends without an answer.
    let _cut = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Full<Bytes>>, &'static str> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| "the client went away")?.to_bytes();
    let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.strip_prefix("DynamoDB_20120810.").unwrap_or_default().to_owned();
    let request = Request::from_parts(head, body);
    // A task of its own: what AWS got it does, whether or not its client is still there.
    let handled = tokio::spawn(async move {
        match shared.fault(&operation) {
            None => shared.forward(request).await,
            Some(fault) => shared.strike(fault, &operation, request).await,
        }
    });
    handled.await.unwrap_or(Err("the proxy fell"))
}

impl Shared {
    /// What is to happen to a call of this operation; nothing to what is no call to DynamoDB.
    fn fault(&self, operation: &str) -> Option<Fault> {
        if operation.is_empty() {
            return None;
        }
        let mut ordered = lock(&self.ordered);
        if let Some(first) = ordered.iter().position(|(_, wanted)| *wanted == operation) {
            return Some(self.counted(ordered.remove(first).0));
        }
        if !self.armed.load(Ordering::Relaxed) {
            self.passed.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let mut thrown = lock(&self.dice).u32(0..1000);
        for (fault, share) in FAULTS {
            if thrown < share {
                return Some(self.counted(fault));
            }
            thrown -= share;
        }
        self.passed.fetch_add(1, Ordering::Relaxed);
        None
    }

    fn counted(&self, fault: Fault) -> Fault {
        self.struck[place(fault)].fetch_add(1, Ordering::Relaxed);
        fault
    }

    async fn strike(
        &self,
        fault: Fault,
        operation: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Full<Bytes>>, &'static str> {
        match fault {
            Fault::Throttled => Ok(exception(
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded.",
            )),
            Fault::RateExceeded => Ok(exception("com.amazon.coral.availability#ThrottlingException", "Rate exceeded")),
            Fault::Conflict => Ok(self.conflict(operation, request.body())),
            Fault::Internal => Ok(refusal(
                StatusCode::INTERNAL_SERVER_ERROR,
                &json!({ "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "Internal" }),
            )),
            Fault::CutBefore => Err("cut before"),
            Fault::CutAfter => {
                self.forward(request).await?;
                Err("cut after")
            }
            Fault::Late => {
                tokio::time::sleep(LATE).await;
                self.forward(request).await
            }
        }
    }

    /// As DynamoDB says it: with a reason for each item of a transaction, one of which was held.
    fn conflict(&self, operation: &str, body: &[u8]) -> Response<Full<Bytes>> {
        if !operation.starts_with("Transact") {
            return exception(
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded.",
            );
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let items = body["TransactItems"].as_array().map_or(1, Vec::len).max(1);
        let held = lock(&self.dice).usize(0..items);
        let reason = |place: usize| match place == held {
            true => json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }),
            false => json!({ "Code": "None" }),
        };
        refusal(
            StatusCode::BAD_REQUEST,
            &json!({
                "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
                "CancellationReasons": (0..items).map(reason).collect::<Vec<_>>(),
            }),
        )
    }

    async fn forward(&self, request: Request<Bytes>) -> Result<Response<Full<Bytes>>, &'static str> {
        let (mut head, body) = request.into_parts();
        head.headers.remove("host");
        head.headers.remove("connection");
        let url = format!("{}{}", lock(&self.target), head.uri);
        let sent = self.http.request(head.method, url).headers(head.headers).body(body).send().await;
        let answer = sent.map_err(|_| "AWS is gone")?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|_| "AWS is gone")?;
        headers.remove("transfer-encoding");
        headers.remove("connection");
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

fn exception(kind: &str, message: &str) -> Response<Full<Bytes>> {
    refusal(StatusCode::BAD_REQUEST, &json!({ "__type": kind, "message": message }))
}

fn refusal(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http_header("application/x-amz-json-1.0"));
    response
}

fn http_header(text: &'static str) -> hyper::header::HeaderValue {
    hyper::header::HeaderValue::from_static(text)
}

mod tests {
    use aws_sdk_dynamodb::{
        Client, Config,
        config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
        operation::transact_write_items::TransactWriteItemsError,
        types::{AttributeValue, Put, TransactWriteItem},
    };

    use super::*;
    use crate::world::World;

    fn client(proxy: &Proxy, attempts: u32) -> Client {
        let credentials = Credentials::new("local", "local", None, None, "tests");
        let config = Config::builder().behavior_version(BehaviorVersion::latest()).endpoint_url(proxy.url());
        let config = config.region(Region::new("us-east-1")).credentials_provider(credentials);
        Client::from_conf(config.retry_config(RetryConfig::standard().with_max_attempts(attempts)).build())
    }

    fn put(table: &str, key: &str) -> TransactWriteItem {
        let put = Put::builder().table_name(table).condition_expression("attribute_not_exists(pk)");
        let put = put.item("pk", AttributeValue::S(key.into())).item("sk", AttributeValue::S("PROXY".into()));
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    }

    async fn is_there(client: &Client, table: &str, key: &str) -> bool {
        let get = client.get_item().table_name(table).consistent_read(true);
        let get = get.key("pk", AttributeValue::S(key.into())).key("sk", AttributeValue::S("PROXY".into()));
        get.send().await.unwrap().item.is_some()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_sdk_takes_the_proxys_faults_for_dynamodbs_own() {
        let world = World::start().await;
        let table = world.system.demo().table_name.clone();
        let proxy = Proxy::start(&world.system.demo().aws_endpoint_url, 1).await;
        let once = client(&proxy, 1);
        let write = |key: &'static str| {
            let write =
                once.transact_write_items().transact_items(put(&table, key)).transact_items(put(&table, "other"));
            async { write.send().await.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) }
        };
        proxy.order(Fault::Conflict, "TransactWriteItems");
        match write("conflict").await {
            Err(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let codes: Vec<_> = cancelled.cancellation_reasons().iter().filter_map(|one| one.code()).collect();
                assert!(codes.len() == 2 && codes.contains(&"TransactionConflict"), "{codes:?}");
            }
            other => panic!("{other:?}"),
        }
        proxy.order(Fault::Throttled, "TransactWriteItems");
        let throttled = write("throttled").await;
        assert!(matches!(throttled, Err(TransactWriteItemsError::ProvisionedThroughputExceededException(_))));
        proxy.order(Fault::CutBefore, "TransactWriteItems");
        assert!(write("before").await.is_err() && !is_there(&once, &table, "before").await);
        proxy.order(Fault::CutAfter, "TransactWriteItems");
        assert!(write("after").await.is_err() && is_there(&once, &table, "after").await, "it was committed");
        world.stop().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_answer_lost_after_a_commit_is_a_success_after_the_sdks_own_retry() {
        let world = World::start().await;
        let table = world.system.demo().table_name.clone();
        let proxy = Proxy::start(&world.system.demo().aws_endpoint_url, 1).await;
        let client = client(&proxy, 3);
        for (fault, key) in [(Fault::CutAfter, "lost"), (Fault::CutBefore, "cut"), (Fault::Internal, "internal")] {
            proxy.order(fault, "TransactWriteItems");
            client.transact_write_items().transact_items(put(&table, key)).send().await.unwrap();
            assert!(is_there(&client, &table, key).await && proxy.struck(fault) == 1);
        }
        world.stop().await;
    }
}
