//! The Runtime API and the process behind it, with programs that are no Lambda functions.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use countersign_testkit::{Call, Client, LambdaError, LambdaProcess, RuntimeApi, api_event};
use serde_json::json;

const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const NONE: [(&str, &str); 0] = [];

#[tokio::test]
async fn an_event_goes_out_and_its_answer_comes_back() {
    let api = RuntimeApi::start().await.unwrap();
    let function = Client::new(&format!("http://{}", api.address()));
    let event = api_event("GET", "/a", &[], b"");
    let pending = api.queue(&event);
    assert!(api.ready_at().is_none());
    let next = function.send(&Call::get(NEXT)).await.unwrap();
    assert_eq!((next.status, next.json()), (200, event));
    assert_eq!(next.header("lambda-runtime-aws-request-id"), Some(pending.request_id.as_str()));
    assert!(next.header("lambda-runtime-trace-id").unwrap().starts_with("Root=1-"));
    assert!(next.header("lambda-runtime-deadline-ms").unwrap().parse::<u64>().unwrap() > 1_600_000_000_000);
    let response = format!("/2018-06-01/runtime/invocation/{}/response", pending.request_id);
    assert_eq!(function.send(&Call::post(&response, &json!({}))).await.unwrap().status, 202);
    assert!(api.ready_at().unwrap() <= api.first_answer_at().unwrap());
    let again = function.send(&Call::post(&response, &json!({}))).await.unwrap();
    assert_eq!((again.status, again.field("errorType")), (400, "InvalidRequestID".to_owned()));
}

#[tokio::test]
async fn a_poll_waits_until_there_is_an_event() {
    let api = RuntimeApi::start().await.unwrap();
    let function = Client::new(&format!("http://{}", api.address()));
    let polling = tokio::spawn(async move { function.send(&Call::get(NEXT)).await.unwrap() });
    api.ready().await;
    assert!(!polling.is_finished());
    let _pending = api.queue(&json!({ "a": 1 }));
    assert_eq!(polling.await.unwrap().json(), json!({ "a": 1 }));
}

#[tokio::test]
async fn an_init_error_is_kept() {
    let api = RuntimeApi::start().await.unwrap();
    let function = Client::new(&format!("http://{}", api.address()));
    let error = json!({ "errorMessage": "no", "errorType": "Init" });
    assert_eq!(function.send(&Call::post("/2018-06-01/runtime/init/error", &error)).await.unwrap().status, 202);
    assert_eq!(api.init_error(), Some(error));
}

#[tokio::test]
async fn a_process_that_ends_or_hangs_is_told() {
    let folder = std::env::temp_dir().join(format!("countersign-testkit-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let script = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let ends = script("ends", "#!/bin/sh\necho said $WORD and $_HANDLER; exit 3\n");
    let mut process = LambdaProcess::spawn(ends, [("WORD", "this")]).await.unwrap();
    let Err(LambdaError::Exited(status, said)) = process.invoke(&json!({})).await else { panic!("it ends") };
    assert_eq!((status.code(), said.as_str()), (Some(3), "said this and bootstrap\n"));
    let hangs = script("hangs", "#!/bin/sh\nexec sleep 60\n");
    let mut process = LambdaProcess::spawn(hangs, NONE).await.unwrap().within(Duration::from_millis(200));
    assert!(matches!(process.ready().await, Err(LambdaError::TimedOut(_))));
    assert!(matches!(process.exited().await, Err(LambdaError::TimedOut(_))));
    assert!(process.peak_memory_bytes().unwrap() > 100_000);
    fs::remove_dir_all(folder).unwrap();
}
