//! A served router is looked at and broken over HTTP, as the tests of every stand-in do it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    routing::{get, post},
};
use countersign_local_control::{Control, Cut, Fault, RECORDED_REQUESTS, SHUTDOWN_SECONDS, serve};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

struct Served {
    url: String,
    control: Control,
    handled: Arc<AtomicUsize>,
    http: Client,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Served {
    async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let handled = Arc::new(AtomicUsize::new(0));
        let counter = handled.clone();
        let count = move || {
            let counter = counter.clone();
            async move { format!("handled {}", counter.fetch_add(1, Ordering::SeqCst) + 1) }
        };
        let router = Router::new()
            .route("/work", post(count.clone()).get(count))
            .route("/slow", get(|| tokio::time::sleep(Duration::from_secs(60))))
            .route("/_control/own", get(|| async { "own" }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let control = Control::new();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(serve(listener, router, control.clone(), async move {
            let _ = stopped.await;
        }));
        Self { url, control, handled, http: Client::new(), stop, task }
    }

    async fn json(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    async fn fault(&self, fault: Value) {
        assert_eq!(self.json(Method::POST, "/_control/faults", Some(fault)).await.0, StatusCode::CREATED);
    }

    async fn work(&self) -> Result<StatusCode, reqwest::Error> {
        Ok(self.http.post(format!("{}/work", self.url)).body("{}").send().await?.status())
    }
}

#[tokio::test]
async fn records_what_arrives_without_its_credential() {
    let served = Served::start().await;
    let request = served.http.post(format!("{}/work?b=2&a=1", served.url));
    let request = request.header("authorization", "Bearer very-secret").header("x-amz-target", "TrentService.Decrypt");
    request.body(vec![0xff, 0x00]).send().await.unwrap();
    served.work().await.unwrap();

    let (status, answer) = served.json(Method::GET, "/_control/requests", None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!answer.to_string().contains("very-secret"));
    let requests = answer["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 2, "control requests are not recorded");
    let first = &requests[0];
    assert_eq!(
        (&first["method"], &first["path"], &first["query"]),
        (&json!("POST"), &json!("/work"), &json!("b=2&a=1"))
    );
    assert_eq!((&first["body"], &first["body_encoding"]), (&json!("/wA="), &json!("base64")));
    assert_eq!((&first["label"], &first["status"]), (&json!("TrentService.Decrypt"), &json!(200)));
    assert_eq!(requests[1]["body"], "{}");

    served.json(Method::POST, "/work", Some(json!({"jsonrpc": "2.0", "id": 1, "method": "getHealth"}))).await;
    assert_eq!(served.control.count("/work#getHealth"), 1);

    let (_, filtered) = served.json(Method::GET, "/_control/requests?label=Decrypt", None).await;
    assert_eq!(filtered["requests"].as_array().unwrap().len(), 1);
    assert_eq!(served.control.count("/work"), 2);
    served.json(Method::DELETE, "/_control/requests", None).await;
    assert_eq!(served.control.count(""), 0);
}

#[tokio::test]
async fn keeps_only_the_last_thousand() {
    let served = Served::start().await;
    for _ in 0..RECORDED_REQUESTS + 3 {
        served.work().await.unwrap();
    }
    let requests = served.control.requests();
    assert_eq!(requests.len(), RECORDED_REQUESTS);
    assert_eq!(requests[0].number, 3);
}

#[tokio::test]
async fn answers_a_fault_in_place_of_the_handler() {
    let served = Served::start().await;
    served
        .fault(json!({"match": "/work", "status": 503, "headers": {"retry-after": "7"}, "body": {"a": 1}, "skip": 1, "count": 2}))
        .await;
    assert_eq!(served.work().await.unwrap(), StatusCode::OK);
    let response = served.http.get(format!("{}/work", served.url)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"a": 1}));
    assert_eq!(served.work().await.unwrap(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(served.work().await.unwrap(), StatusCode::OK);
    assert_eq!(served.handled.load(Ordering::SeqCst), 2, "faulted requests are not handled");
    assert!(served.control.faults().is_empty());

    served.control.add_fault(Fault::default().body("<html>").matching("/elsewhere"));
    assert_eq!(served.work().await.unwrap(), StatusCode::OK, "another label is left alone");
    assert_eq!(served.json(Method::GET, "/_control/faults", None).await.1["faults"][0]["body"], "<html>");
    served.json(Method::DELETE, "/_control/faults", None).await;
    assert!(served.control.faults().is_empty());
}

#[tokio::test]
async fn cuts_before_or_after_handling() {
    let served = Served::start().await;
    served.fault(json!({"cut": true})).await;
    assert!(served.work().await.is_err());
    assert_eq!(served.handled.load(Ordering::SeqCst), 0);
    served.fault(json!({"cut": "after"})).await;
    assert!(served.work().await.is_err());
    assert_eq!(served.handled.load(Ordering::SeqCst), 1, "the answer is lost, the work is done");
    assert_eq!(served.work().await.unwrap(), StatusCode::OK);
    let statuses: Vec<_> = served.control.requests().iter().map(|request| (request.status, request.faulted)).collect();
    assert_eq!(statuses, [(None, true), (None, true), (Some(200), false)]);
}

#[tokio::test]
async fn a_delayed_request_is_handled_though_its_client_hung_up() {
    let served = Served::start().await;
    served.control.add_fault(Fault::delay(Duration::from_millis(300)).times(2));
    let began = Instant::now();
    assert_eq!(served.work().await.unwrap(), StatusCode::OK);
    assert!(began.elapsed() >= Duration::from_millis(300));
    let hurried = served.http.post(format!("{}/work", served.url)).timeout(Duration::from_millis(50)).send().await;
    assert!(hurried.unwrap_err().is_timeout());
    tokio::time::timeout(Duration::from_secs(5), async {
        while served.handled.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn control_routes_are_never_faulted_and_refuse_nonsense() {
    let served = Served::start().await;
    served.control.add_fault(Fault::cut(Cut::Before).times(100));
    let own = served.http.get(format!("{}/_control/own", served.url)).send().await.unwrap();
    assert_eq!(own.text().await.unwrap(), "own");
    for bad in [json!({"stauts": 500}), json!([]), json!({"cut": "sometime"})] {
        let (status, answer) = served.json(Method::POST, "/_control/faults", Some(bad)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(answer["error"].is_string());
    }
    assert_eq!(served.control.faults().len(), 1);
    served.control.clear();
    assert_eq!(served.work().await.unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn shuts_down_though_a_request_hangs() {
    let served = Served::start().await;
    served.work().await.unwrap();
    let slow = tokio::spawn(served.http.get(format!("{}/slow", served.url)).send());
    while served.control.count("/slow") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = Instant::now();
    served.stop.send(()).unwrap();
    served.task.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(SHUTDOWN_SECONDS + 1));
    assert!(slow.await.unwrap().is_err());
    assert!(served.http.get(&served.url).send().await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_shutdown() {
    let served = Served::start().await;
    served.work().await.unwrap();
    let began = Instant::now();
    served.stop.send(()).unwrap();
    served.task.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_millis(1_000));
}
