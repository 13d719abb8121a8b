//! The program in processes of their own that are killed and started again while others work: the system, and more gateways.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign-in-a-process");
/// How long a start may take on a machine that builds something else.
const START: Duration = Duration::from_secs(60);
/// How long a stop may take.
const STOP: Duration = Duration::from_secs(20);

/// A process that serves, killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    arguments: Vec<String>,
    ready: fn(&str) -> bool,
    said: String,
}

impl Process {
    /// The whole system on this folder.
    pub(crate) async fn system(folder: &Path) -> Self {
        let folder = folder.to_str().unwrap().to_owned();
        let arguments = ["--port".to_owned(), "0".to_owned(), "--data".to_owned(), folder];
        Self::run(arguments.to_vec(), |line| line.ends_with("/demo.json")).await
    }

    /// A gateway more on the system's AWS, reached at this address.
    pub(crate) async fn gateway(folder: &Path, aws_endpoint: &str) -> Self {
        let demo = folder.join("demo.json").to_str().unwrap().to_owned();
        let arguments = ["gateway", "--demo", &demo, "--aws-endpoint", aws_endpoint];
        Self::run(arguments.map(str::to_owned).to_vec(), |line| line.starts_with("http://")).await
    }

    async fn run(arguments: Vec<String>, ready: fn(&str) -> bool) -> Self {
        let (child, said) = spawn(&arguments, ready).await;
        Self { child, arguments, ready, said }
    }

    /// SIGKILL, then the same again on the same data: no chance to write anything down.
    pub(crate) async fn kill_and_start_again(&mut self) {
        self.child.kill().await.unwrap();
        (self.child, self.said) = spawn(&self.arguments, self.ready).await;
    }

    /// SIGTERM: whether it ended well.
    async fn terminate(mut self) -> bool {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        tokio::time::timeout(STOP, self.child.wait()).await.unwrap().unwrap().success()
    }

    /// Where it serves: what a gateway said last, or what the system's demo.json says.
    pub(crate) fn base_url(&self) -> String {
        if self.said.starts_with("http://") {
            return self.said.clone();
        }
        self.demo()["base_url"].as_str().unwrap().to_owned()
    }

    /// The system's demo.json, as it is now.
    pub(crate) fn demo(&self) -> Value {
        serde_json::from_slice(&std::fs::read(PathBuf::from(&self.said)).unwrap()).unwrap()
    }
}

/// `prove-totals` of these families on the system of this folder: whether nothing differs, and what it says.
pub(super) async fn prove_totals(folder: &Path, families: &[u64]) -> (bool, String) {
    let mut command = Command::new(PROGRAM);
    command.env_clear().arg("prove-totals").arg("--demo").arg(folder.join("demo.json"));
    for family in families {
        command.args(["--family", &family.to_string()]);
    }
    let output = command.output().await.unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Starts it and waits for the line that says that it is ready.
async fn spawn(arguments: &[String], ready: fn(&str) -> bool) -> (Child, String) {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("LOG_LEVEL", "error").args(arguments).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if ready(&line) {
                return line;
            }
        }
        panic!("{arguments:?} ended before it was ready")
    };
    let said = tokio::time::timeout(START, said).await.expect("it starts in time");
    // Its log has a reader for as long as it runs: a full pipe would stop it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, said)
}

mod tests {
    use countersign_testkit::{Call, Client};
    use serde_json::json;

    use super::*;
    use crate::bank::proxy::Proxy;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_gateways_serve_the_same_people_and_survive_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let mut system = Process::system(folder.path()).await;
        let proxy = Proxy::start(system.demo()["aws_endpoint_url"].as_str().unwrap(), 7).await;
        let mut gateway = Process::gateway(folder.path(), proxy.url()).await;
        assert_ne!(gateway.base_url(), system.base_url());
        let token = system.demo()["people"][0]["access_token"].as_str().unwrap().to_owned();
        let list = Call::get("/api/v1/signing-sessions").bearer(&token);
        let first = Client::new(&system.base_url()).send(&list).await.unwrap();
        let second = Client::new(&gateway.base_url()).send(&list).await.unwrap();
        assert_eq!((first.status, first.json()), (200, second.json()));
        assert_eq!(Client::new(&gateway.base_url()).send(&Call::get("/health")).await.unwrap().status, 200);

        gateway.kill_and_start_again().await;
        assert_eq!(Client::new(&gateway.base_url()).send(&list).await.unwrap().json(), first.json());
        system.kill_and_start_again().await;
        proxy.retarget(system.demo()["aws_endpoint_url"].as_str().unwrap());
        let again = Client::new(&gateway.base_url()).send(&list).await.unwrap();
        assert_eq!(again.json(), first.json(), "a gateway goes on where its AWS was started anew");
        let body = json!({ "kind": "session_keys", "signer": "local" });
        let made = Call::post("/api/v1/signing-sessions", &body).bearer(&token);
        assert_eq!(Client::new(&gateway.base_url()).send(&made).await.unwrap().status, 201);
        assert!(gateway.terminate().await && system.terminate().await, "they stop when they are asked to");
    }
}
