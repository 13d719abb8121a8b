//! What the stand-ins are told and asked: faults, how activities go, what Turnkey has seen.

use std::time::Duration;

use countersign_testkit::Client;
use serde_json::{Value, json};

use super::Bench;

/// Where bodies are submitted.
const SIGN: &str = "/public/v1/submit/sign_raw_payload";
/// Where activities are listed.
pub(super) const LIST: &str = "/public/v1/query/list_activities";
/// Where one activity is shown.
pub(super) const GET: &str = "/public/v1/query/get_activity";
/// The only way anything is committed.
const COMMIT: &str = "DynamoDB_20120810.TransactWriteItems";

impl Bench {
    fn at_turnkey(&self) -> &str {
        self.world.system.turnkey().url()
    }

    async fn tell(&self, url: &str, path: &str, body: &Value) -> Value {
        let request = self.world.http.post(format!("{url}{path}")).body(body.to_string());
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{} {path}: {body}", response.status());
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default()
    }

    pub(super) async fn told(&self, path: &str, body: &Value) -> Value {
        self.tell(self.at_turnkey(), path, body).await
    }

    async fn ask_turnkey(&self, path: &str) -> Value {
        let response = self.world.http.get(format!("{}{path}", self.at_turnkey())).send().await.unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }

    /// Something goes wrong with the next submissions.
    pub(super) async fn fault(&self, fault: Value) {
        self.fault_at(SIGN, fault).await;
    }

    /// Something goes wrong with the next requests to a path of Turnkey.
    pub(super) async fn fault_at(&self, path: &str, mut fault: Value) {
        fault["path"] = path.into();
        self.told("/_control/faults", &fault).await;
    }

    /// AWS refuses the next requests with this label, after `skip` of them, in a way that the SDK does not try again.
    pub(super) async fn refused_by_aws(&self, label: &str, skip: u32) {
        let body = json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "message": "arn:aws:iam::1" });
        let fault = json!({ "path": label, "status": 400, "body": body, "skip": skip });
        self.tell(&self.world.system.aws().endpoint_url(), "/_control/faults", &fault).await;
    }

    /// A commit is refused, after `skip` good ones.
    pub(super) async fn commit_refused(&self, skip: u32) {
        self.refused_by_aws(COMMIT, skip).await;
    }

    /// A commit is made and its answer lost, after `skip` good ones.
    pub(super) async fn commit_unanswered(&self, skip: u32) {
        let fault = json!({ "path": COMMIT, "cut": "after", "skip": skip });
        self.tell(&self.world.system.aws().endpoint_url(), "/_control/faults", &fault).await;
    }

    /// How the next activities begin.
    pub(super) async fn next_activities(&self, status: &str, count: u32) {
        let mode = json!({ "status": format!("ACTIVITY_STATUS_{status}"), "count": count });
        self.told("/_control/activity_mode", &mode).await;
    }

    /// The next activity is pending and completes by itself.
    pub(super) async fn next_completes_after(&self, millis: u64) {
        let mode = json!({ "status": "ACTIVITY_STATUS_PENDING", "complete_after_ms": millis });
        self.told("/_control/activity_mode", &mode).await;
    }

    /// The only activity gets this status.
    pub(super) async fn becomes(&self, status: &str) {
        let activities = self.activities().await;
        assert_eq!(activities.len(), 1, "{activities:?}");
        let path = format!("/_control/activities/{}", activities[0]["id"].as_str().unwrap());
        self.told(&path, &json!({ "status": format!("ACTIVITY_STATUS_{status}") })).await;
    }

    /// Turnkey's activities, oldest first.
    pub(super) async fn activities(&self) -> Vec<Value> {
        self.ask_turnkey("/_control/activities").await["activities"].as_array().unwrap().clone()
    }

    /// What was submitted, oldest first.
    pub(super) async fn submissions(&self) -> Vec<Value> {
        self.requests(SIGN).await
    }

    /// What came to a path of Turnkey.
    pub(super) async fn requests(&self, path: &str) -> Vec<Value> {
        self.ask_turnkey(&format!("/_control/requests?label={path}")).await["requests"].as_array().unwrap().clone()
    }

    /// Waits until as many bodies have arrived at Turnkey.
    pub(super) async fn arrived(&self, count: usize) {
        for _ in 0..200 {
            if self.submissions().await.len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{count} bodies did not arrive");
    }

    /// That Turnkey was never asked for a signature.
    pub(super) async fn turnkey_was_not_called(&self) {
        assert_eq!(self.submissions().await, Vec::<Value>::new());
        assert_eq!(self.activities().await, Vec::<Value>::new());
    }

    /// A client of the system, for calls that are dropped half-way.
    pub(super) fn client(&self) -> Client {
        Client::new(self.world.system.base_url())
    }
}
