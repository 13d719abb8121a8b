//! The built binaries as they are deployed: init, answers and the schedule, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{Call, LambdaProcess, schedule_event};
use serde_json::json;

const OAUTH: &str = env!("CARGO_BIN_EXE_oauth");
const REMINDERS: &str = env!("CARGO_BIN_EXE_oauth-reminders");

async fn system() -> LocalSystem {
    let quiet = Options { without_mappings: true, without_schedules: true, ..Options::default() };
    LocalSystem::start(quiet).await.unwrap()
}

async fn spawn(binary: &str, system: &LocalSystem) -> LambdaProcess {
    LambdaProcess::spawn(binary, system.process_environment()).await.unwrap()
}

#[tokio::test]
async fn an_authorize_url_is_given() {
    let system = system().await;
    let mut process = spawn(OAUTH, &system).await;
    let token = &system.demo().people[0].access_token;
    let path = "/api/v1/connections/spotify/authorize";
    assert_eq!(process.call(&Call::post(path, &json!({}))).await.unwrap().status, 401);
    let answer = process.call(&Call::post(path, &json!({})).bearer(token)).await.unwrap();
    assert!(answer.text().contains("code_challenge_method=S256"), "{}", answer.text());
    let linked = process.call(&Call::get("/api/v1/connections").bearer(token)).await.unwrap();
    assert_eq!((linked.status, linked.json()["connections"].clone()), (200, json!([])), "{}", linked.text());
    let back = Call::get("/spotify/callback?code=c&state=s").header("accept", "application/json");
    assert_eq!(process.call(&back).await.unwrap().status, 400, "a state that nobody was given");
    system.stop().await;
}

#[tokio::test]
async fn the_schedule_finds_nothing_due() {
    let system = system().await;
    let mut process = spawn(REMINDERS, &system).await;
    let ran = process.invoke(&schedule_event()).await.unwrap().result.unwrap();
    assert_eq!((ran["due"].as_u64(), ran["failed"].as_u64()), (Some(0), Some(0)), "{ran}");
    system.stop().await;
}
