//! The reports and money-schedule binaries as they are deployed, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{Call, LambdaProcess, schedule_event};

const REPORTS: &str = env!("CARGO_BIN_EXE_reports");
const SCHEDULE: &str = env!("CARGO_BIN_EXE_money-schedule");

async fn system() -> LocalSystem {
    LocalSystem::start(Options { without_schedules: true, ..Options::default() }).await.unwrap()
}

#[tokio::test]
async fn a_picture_comes_through_api_gateway_as_it_was_drawn() {
    let system = system().await;
    let mut process = LambdaProcess::spawn(REPORTS, system.process_environment()).await.unwrap();
    let family = &system.demo().families[0];
    let asked = Call::get(&format!("/api/v1/reports?family_id={}&format=png", family.id));
    assert_eq!(process.call(&asked).await.unwrap().status, 401);
    let answer = process.call(&asked.bearer(&family.owner.access_token)).await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/png")), "{}", process.output());
    assert!(answer.body.starts_with(b"\x89PNG\r\n\x1a\n") && answer.body.ends_with(b"IEND\xaeB`\x82"));
    system.stop().await;
}

#[tokio::test]
async fn the_schedule_finds_nothing_due() {
    let system = system().await;
    let mut process = LambdaProcess::spawn(SCHEDULE, system.process_environment()).await.unwrap();
    let ran = process.invoke(&schedule_event()).await.unwrap().result.unwrap();
    assert_eq!((ran["found"].as_u64(), ran["failed"].as_u64()), (Some(0), Some(0)), "{ran}");
    system.stop().await;
}
