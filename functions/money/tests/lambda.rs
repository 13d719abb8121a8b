//! The built binaries as they are deployed: init, warm-up and requests, behind a Lambda Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{Call, LambdaProcess};
use serde_json::json;

const TRANSACTIONS: &str = env!("CARGO_BIN_EXE_transactions");
const REPORTS: &str = env!("CARGO_BIN_EXE_reports");

async fn system() -> LocalSystem {
    let quiet = Options { without_mappings: true, without_schedules: true, ..Options::default() };
    LocalSystem::start(quiet).await.unwrap()
}

#[tokio::test]
async fn a_payment_is_executed_and_one_over_the_threshold_waits() {
    let system = system().await;
    let mut process = LambdaProcess::spawn(TRANSACTIONS, system.process_environment()).await.unwrap();
    let family = &system.demo().families[0];
    let pay = |amount: &str| {
        let wallet = family.wallets[0].id;
        let body = json!({ "family_id": family.id, "from_wallet_id": wallet, "amount": amount });
        Call::post("/api/v1/transactions", &body)
    };
    assert_eq!(process.call(&pay("1.00")).await.unwrap().status, 401);
    let token = &family.member.access_token;
    for (amount, status) in [("1.00", "executed"), ("500.01", "pending_approval")] {
        let answer = process.call(&pay(amount).bearer(token)).await.unwrap();
        assert_eq!((answer.status, answer.field("status").as_str()), (201, status), "{}", answer.text());
    }
    let output = process.output();
    assert!(output.contains(&format!("\"family_id\":{}", family.id)), "the log says whose: {output}");
    assert!(!output.contains(token), "a token is not logged");
    system.stop().await;
}

#[tokio::test]
async fn a_report_is_made() {
    let system = system().await;
    let mut process = LambdaProcess::spawn(REPORTS, system.process_environment()).await.unwrap();
    let family = &system.demo().families[0];
    let report = Call::get(&format!("/api/v1/reports?family_id={}&by=month", family.id));
    assert_eq!(process.call(&report).await.unwrap().status, 401);
    let answer = process.call(&report.bearer(&family.owner.access_token)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    system.stop().await;
}
