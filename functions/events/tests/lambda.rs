//! The built binaries as they are deployed: the stream and the schedule, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{LambdaProcess, schedule_event};
use serde_json::{Value, json};

const EVENTS: &str = env!("CARGO_BIN_EXE_events");
const DUE: &str = env!("CARGO_BIN_EXE_due");

async fn system() -> LocalSystem {
    let quiet = Options { without_mappings: true, without_schedules: true, ..Options::default() };
    LocalSystem::start(quiet).await.unwrap()
}

async fn spawn(binary: &str, system: &LocalSystem) -> LambdaProcess {
    LambdaProcess::spawn(binary, system.process_environment()).await.unwrap()
}

/// A record of the table's stream, as Lambda hands it on.
fn record(number: u64, kind: &str, pk: &str, sk: &str) -> Value {
    json!({
        "eventID": number.to_string(), "eventName": kind, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_000_000, "Keys": { "pk": { "S": pk }, "sk": { "S": sk } }, "NewImage": {},
            "SequenceNumber": number.to_string(), "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

#[tokio::test]
async fn a_new_message_goes_to_its_queue_and_nothing_else_does() {
    let system = system().await;
    let mut process = spawn(EVENTS, &system).await;
    let message = "OUT#0000000000000042";
    let batch = json!({ "Records": [
        record(1, "INSERT", "SUBJECT#t:7", "PERSON"),
        record(2, "INSERT", "CHAT#7", message),
        record(3, "MODIFY", "CHAT#7", message),
        record(4, "REMOVE", "CHAT#8", message),
    ] });
    let answer = process.invoke(&batch).await.unwrap().result.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }), "{}", process.output());
    let queue = system.environment().required("TELEGRAM_QUEUE_URL").unwrap();
    let asked = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10 });
    let received = system.aws().inside().sqs("ReceiveMessage", &asked).await.unwrap();
    let bodies: Vec<&str> =
        received["Messages"].as_array().unwrap().iter().map(|message| message["Body"].as_str().unwrap()).collect();
    let [body] = bodies[..] else { panic!("one message, not {bodies:?}") };
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), json!({ "chat_id": 7, "out_id": 42 }));
    system.stop().await;
}

#[tokio::test]
async fn the_schedule_finds_nothing_due() {
    let system = system().await;
    let mut process = spawn(DUE, &system).await;
    let ran = process.invoke(&schedule_event()).await.unwrap().result.unwrap();
    assert_eq!((ran["found"].as_u64(), ran["failed"].as_u64()), (Some(0), Some(0)), "{ran}");
    system.stop().await;
}
