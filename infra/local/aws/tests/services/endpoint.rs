//! The endpoint itself: what it refuses, what it hands on, how it starts and stops.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use countersign_local_aws::{LocalAws, Options, StartError};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::cloud::{kms, sqs, start, start_in};

/// A request by hand; the body of the answer is read as JSON.
pub(crate) async fn post(
    aws: &LocalAws,
    path: &str,
    target: Option<&str>,
    body: &str,
    authorized: bool,
) -> (u16, Value) {
    let mut request = axum::http::Request::post(format!("{}{path}", aws.endpoint_url()));
    request = request.header("content-type", "application/x-amz-json-1.0");
    if let Some(target) = target {
        request = request.header("x-amz-target", target);
    }
    if authorized {
        request = request.header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/x/aws4_request, SignedHeaders=host, Signature=00",
        );
        request = request.header("x-amz-date", "20260101T000000Z");
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let answer = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
    let status = answer.status().as_u16();
    assert!(answer.headers().contains_key("x-amzn-requestid"));
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

#[tokio::test]
async fn unknown_operations_and_services_are_named_as_such() {
    let aws = start().await;
    let targets =
        [None, Some("X.Y"), Some("TrentService.Nope"), Some("secretsmanager.Nope"), Some("DynamoDB_20120810.Nope")];
    for target in targets {
        let (status, answer) = post(&aws, "/", target, "{}", true).await;
        assert_eq!(status, 400, "{target:?}");
        assert!(answer["__type"].as_str().unwrap().ends_with("UnknownOperationException"), "{target:?}: {answer}");
    }
    let (status, answer) = post(&aws, "/", Some("AmazonSQS.Nope"), "{}", true).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("com.amazonaws.sqs#UnknownOperationException")));
}

#[tokio::test]
async fn a_request_without_credentials_is_refused() {
    let aws = start().await;
    for target in ["TrentService.ListKeys", "DynamoDB_20120810.ListTables", "AmazonSQS.ListQueues"] {
        let (status, answer) = post(&aws, "/", Some(target), "{}", false).await;
        assert_eq!(status, 400);
        assert!(answer["__type"].as_str().unwrap().ends_with("MissingAuthenticationTokenException"), "{answer}");
    }
    assert_eq!(post(&aws, "/", Some("TrentService.ListKeys"), "{}", true).await.0, 200);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_without_repeating_them() {
    let aws = start().await;
    for target in ["TrentService.Encrypt", "secretsmanager.CreateSecret", "AmazonSQS.SendMessage"] {
        for body in ["hunter2", r#"{"KeyId": ["hunter2"], "Name": 7, "QueueUrl": {"hunter2": 1}}"#] {
            let (status, answer) = post(&aws, "/", Some(target), body, true).await;
            assert_eq!(status, 400);
            assert!(!answer.to_string().contains("hunter2"), "{answer}");
        }
    }
    let (_, answer) = post(&aws, "/", Some("TrentService.Encrypt"), r#"{"Plaintext": "AA=="}"#, true).await;
    assert_eq!(answer["__type"], "ValidationException");
}

#[tokio::test]
async fn a_queues_url_takes_requests_as_well() {
    let aws = start().await;
    sqs(&aws).create_queue().queue_name("q").send().await.unwrap();
    let body = r#"{"MessageBody": "x"}"#;
    let (status, answer) = post(&aws, "/000000000000/q", Some("AmazonSQS.SendMessage"), body, true).await;
    assert_eq!((status, &answer["MD5OfMessageBody"]), (200, &json!("9dd4e461268c8034f5c8564e155c67a6")));
    let (_, answer) = post(&aws, "/000000000000/q", Some("AmazonSQS.ReceiveMessage"), "{}", true).await;
    assert_eq!(answer["Messages"][0]["Body"], "x");
}

#[cfg(unix)]
#[tokio::test]
async fn files_with_key_material_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let aws = start_in(&folder).await;
    kms(&aws).create_key().send().await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.iter().any(|path| path.ends_with("services.sqlite")));
    for path in files {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    aws.stop().await;
}

#[tokio::test]
async fn one_folder_serves_one_system_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let aws = start_in(folder.path()).await;
    let options = Options { data_dir: Some(folder.path().to_owned()), ..Options::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = LocalAws::start(options, listener).await;
    assert!(matches!(refused.err(), Some(StartError::State(_))));
    aws.stop().await;
    start_in(folder.path()).await.stop().await;
}

#[tokio::test]
async fn a_stop_ends_long_polls_and_frees_the_port() {
    let aws = start().await;
    let client = sqs(&aws);
    let url = client.create_queue().queue_name("q").send().await.unwrap().queue_url.unwrap();
    let poll = tokio::spawn(client.receive_message().queue_url(url).wait_time_seconds(20).send());
    while aws.control().count("AmazonSQS.ReceiveMessage") == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let address = aws.endpoint_url().trim_start_matches("http://").to_owned();
    let began = Instant::now();
    aws.stop().await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(poll.await.unwrap().unwrap().messages().is_empty());
    TcpListener::bind(address).await.unwrap();
}
