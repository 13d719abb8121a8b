//! The built binary as it is deployed: batches of the subscribed log groups, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::io::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_local::{LocalSystem, Options, logs_event};
use countersign_testkit::LambdaProcess;
use flate2::{Compression, write::GzEncoder};
use serde_json::json;

const ACCESS_LOG: &str = env!("CARGO_BIN_EXE_access-log");

const GATEWAY: &str = r#"{"request_id":"JKJaXmPLvHcESHA=","epoch_millis":"1795000000123","time":"18/Nov/2026:11:06:40 +0000","address":"2001:db8::7","method":"GET","route":"GET /api/v1/me","status":"200","bytes":"80","millis":"12","integration_error":"-"}"#;
const FUNCTION: &str = r#"{"timestamp":"2026-11-18T11:06:40.135Z","level":"INFO","request_id":"JKJaXmPLvHcESHA=","epoch_millis":1795000000123,"method":"GET","route":"/api/v1/me","status":200,"code":"ok","caller":"u:7","family_id":41,"reason":"","millis":9,"message":"request","target":"countersign_edge::corridor"}"#;

async fn system() -> LocalSystem {
    let quiet = Options { without_mappings: true, without_schedules: true, ..Options::default() };
    LocalSystem::start(quiet).await.unwrap()
}

async fn spawn(system: &LocalSystem) -> LambdaProcess {
    LambdaProcess::spawn(ACCESS_LOG, system.process_environment()).await.unwrap()
}

#[tokio::test]
async fn two_lines_in_two_batches_are_one_record() {
    let system = system().await;
    let mut process = spawn(&system).await;
    for (group, lines, kept) in [
        ("/aws/lambda/countersign-services", vec!["START RequestId: 1", FUNCTION], json!({ "kept": 1, "left": 1 })),
        ("/aws/vendedlogs/countersign-access", vec![GATEWAY], json!({ "kept": 1, "left": 0 })),
    ] {
        let answer = process.invoke(&logs_event(group, &lines)).await.unwrap().result.unwrap();
        assert_eq!(answer, kept, "{}", process.output());
    }
    let table = aws_sdk_dynamodb::Client::new(&system.sdk_config());
    let key = |name: &str, value: &str| (name.to_owned(), AttributeValue::S(value.to_owned()));
    let sort = "AT#1795000000123#JKJaXmPLvHcESHA=";
    let item = async |partition: &str| {
        let wanted = table.get_item().table_name(system.store().table());
        let wanted = wanted.set_key(Some([key("pk", partition), key("sk", sort)].into()));
        wanted.send().await.unwrap().item.unwrap()
    };
    let record = item("ACCESS#20775").await;
    assert_eq!(record["gateway_address"].as_s().unwrap(), "2001:db8::7");
    assert_eq!(record["function_caller"].as_s().unwrap(), "u:7");
    // 90 days after the request, however late the line comes.
    assert_eq!(record["expires_at"].as_n().unwrap(), &(1_795_000_000 + 90 * 86_400).to_string());
    let familys = item("FAMILYACCESS#41").await;
    assert_eq!(familys["function_caller"].as_s().unwrap(), "u:7");
    assert!(!familys.contains_key("gateway_address"));
    system.stop().await;
}

#[tokio::test]
async fn a_batch_that_the_table_does_not_take_fails_and_comes_again() {
    let system = system().await;
    let mut environment = system.process_environment();
    for (name, value) in &mut environment {
        if name == "TABLE_NAME" {
            *value = "no-such-table".to_owned();
        }
    }
    let mut process = LambdaProcess::spawn(ACCESS_LOG, environment).await.unwrap();
    let answer = process.invoke(&logs_event("/aws/vendedlogs/countersign-access", &[GATEWAY])).await.unwrap();
    assert!(answer.result.is_err(), "{:?}", answer.result);
    system.stop().await;
}

#[tokio::test]
async fn a_message_that_only_tries_the_subscription_keeps_nothing() {
    let system = system().await;
    let mut process = spawn(&system).await;
    let data = json!({
        "messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
        "subscriptionFilters": [], "logEvents": [{ "id": "", "timestamp": 1_795_000_000_123_i64, "message": GATEWAY }],
    });
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(data.to_string().as_bytes()).unwrap();
    let event = json!({ "awslogs": { "data": BASE64_STANDARD.encode(gzip.finish().unwrap()) } });
    let answer = process.invoke(&event).await.unwrap().result.unwrap();
    assert_eq!(answer, json!({ "kept": 0, "left": 0 }));
    system.stop().await;
}
