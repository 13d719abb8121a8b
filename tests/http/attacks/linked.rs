//! Codes, verifiers and tokens of linked accounts: in no line of the log, in no byte of the table's file, in no other answer.

use std::{path::Path, time::Duration};

use countersign_testkit::{Call, Client};
use serde_json::{Value, json};

use super::process::Process;
use crate::table::holds;

const CONNECTIONS: &str = "/api/v1/connections";

/// A program and its stand-ins.
struct Linking {
    process: Process,
    provider: Client,
    telegram: Client,
    person: Value,
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}")).to_owned()
}

fn parameter(form: &str, name: &str) -> Option<String> {
    let query = form.rsplit('?').next().unwrap_or(form);
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, v)| v.to_owned())
}

impl Linking {
    async fn start(folder: &Path) -> Self {
        let process = Process::start(folder).await;
        let standin = |name: &str| Client::new(process.demo["standins"][name].as_str().unwrap());
        let (provider, telegram, person) = (standin("oauth"), standin("telegram"), process.person("kms"));
        Self { process, provider, telegram, person }
    }

    async fn control(client: &Client, path: &str, body: &Value) -> Value {
        let answer = client.send(&Call::post(&format!("/_control{path}"), body)).await.unwrap();
        assert!(answer.status < 300, "{path}: {}", answer.text());
        answer.json()
    }

    async fn access_token(&self) -> String {
        let target = format!("{CONNECTIONS}/spotify/token?telegram_id={}", self.person["telegram_id"]);
        let key = text(&self.process.service("token_reader"), "api_key");
        let answer = self.process.send(&Call::get(&target).api_key(&key)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.field("access_token")
    }

    /// Walks the whole way and refreshes once; everything secret that was seen on it, by name.
    async fn secrets(&self) -> Vec<(&'static str, String)> {
        Self::control(&self.provider, "/providers/spotify", &json!({ "access_seconds": 1 })).await;
        let token = text(&self.person, "access_token");
        let begin =
            Call::post(&format!("{CONNECTIONS}/spotify/authorize"), &json!({})).bearer(&token).idempotent("one");
        let url = self.process.send(&begin).await.field("authorize_url");
        let consent = json!({ "authorize_url": url, "decision": "approve" });
        let to = text(&Self::control(&self.provider, "/consent", &consent).await, "redirect_to");
        let path = to.split_once("/spotify").map(|(_, rest)| format!("/spotify{rest}")).unwrap();
        let back = self.process.send(&Call::get(&path)).await;
        let code_id = parameter(back.header("location").unwrap(), "start").unwrap();
        let said = json!({ "text": format!("/start {code_id}") });
        let whose = format!("/people/{}/message", self.person["telegram_id"]);
        assert_eq!(Self::control(&self.telegram, &whose, &said).await["webhook_status"], 200);
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        Self::control(&self.provider, "/providers/spotify", &json!({ "access_seconds": 3600 })).await;
        let access = self.access_token().await;
        let requests = self.provider.send(&Call::get("/_control/requests")).await.unwrap().json();
        let requests = requests["requests"].as_array().or(requests.as_array()).unwrap().clone();
        let sent = |name: &str| requests.iter().find_map(|request| parameter(request["body"].as_str()?, name)).unwrap();
        vec![
            ("the state", parameter(&url, "state").unwrap()),
            ("the provider's code", parameter(&to, "code").unwrap()),
            ("the code's id", code_id),
            ("the verifier", sent("code_verifier")),
            ("the refresh token", sent("refresh_token")),
            ("the access token", access),
        ]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_linked_account_comes_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let linking = Linking::start(folder.path()).await;
    let secrets = linking.secrets().await;
    let list = Call::get(CONNECTIONS).bearer(&text(&linking.person, "access_token"));
    let list = linking.process.send(&list).await.body;
    let log = linking.process.log().await;
    assert!(log.contains("\"outcome\":\"granted\""), "no log of it: {log}");
    linking.process.kill().await;
    let mut file = Vec::new();
    for entry in std::fs::read_dir(folder.path().join("aws")).unwrap() {
        file.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    assert!(holds(&file, b"CONNECTION#spotify"), "nothing is stored");
    for (name, secret) in &secrets {
        assert!(secret.len() > 20, "{name}: {secret}");
        for (place, haystack) in [("the log", log.as_bytes()), ("the table's file", &file), ("the list", &list)] {
            assert!(!holds(haystack, secret.as_bytes()), "{name} is in {place}");
        }
    }
}
