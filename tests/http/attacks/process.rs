//! The program that `cargo run` starts, in a process of its own: its output can be read whole, and it can be killed.

use std::{
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use countersign_testkit::{Answer, Call, Client};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign-in-a-process");
/// How long a start may take on a machine that builds something else.
const START: Duration = Duration::from_secs(60);

/// After this long without a word of it the log is whole.
const QUIET: Duration = Duration::from_millis(200);

/// A running system, killed when it is dropped.
pub(super) struct Process {
    child: Child,
    output: Arc<Mutex<Vec<u8>>>,
    log: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
    pub(super) demo: Value,
    pub(super) client: Client,
}

impl Process {
    /// Starts it on this folder, with every word of its log, and waits until it is ready.
    pub(super) async fn start(folder: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.env_clear().env("LOG_LEVEL", "debug").args(["--port", "0", "--data"]).arg(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (output, log) = (Arc::default(), Arc::default());
        let readers = vec![
            tokio::spawn(read(child.stdout.take().unwrap(), Arc::clone(&output))),
            tokio::spawn(read(child.stderr.take().unwrap(), Arc::clone(&log))),
        ];
        let path = folder.join("demo.json");
        let begun = Instant::now();
        while !text(&output).lines().any(|line| Path::new(line) == path) {
            assert!(begun.elapsed() < START, "it did not start: {}{}", text(&output), text(&log));
            assert!(child.try_wait().unwrap().is_none(), "it ended: {}{}", text(&output), text(&log));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let demo: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let client = Client::new(demo["base_url"].as_str().unwrap());
        Self { child, output, log, readers, demo, client }
    }

    /// Sends a call.
    pub(super) async fn send(&self, call: &Call) -> Answer {
        self.client.send(call).await.unwrap()
    }

    /// A person of the demo by name: `kms`, `cloud`, `legacy`, `old`, `new`, `expired` or `admin`.
    pub(super) fn person(&self, name: &str) -> Value {
        let email = format!("{name}@example.test");
        let people = self.demo["people"].as_array().unwrap();
        people.iter().find(|person| person["email"] == email.as_str()).unwrap().clone()
    }

    /// The service of the demo with this role.
    pub(super) fn service(&self, role: &str) -> Value {
        let services = self.demo["services"].as_array().unwrap();
        services.iter().find(|service| service["role"] == role).unwrap().clone()
    }

    /// Its log, once nothing more comes: what it printed, without the tour for the person at the terminal.
    pub(super) async fn log(&self) -> String {
        let printed = || {
            let output = text(&self.output);
            let after = output.split_once("demo.json\n").map(|(_, after)| after.to_owned()).unwrap_or_default();
            after + &text(&self.log)
        };
        let mut log = printed();
        loop {
            tokio::time::sleep(QUIET).await;
            let longer = printed();
            if longer.len() == log.len() {
                return log;
            }
            log = longer;
        }
    }

    /// SIGKILL: no chance to write anything down.
    pub(super) async fn kill(mut self) {
        self.child.kill().await.unwrap();
        self.ended().await;
    }

    /// SIGTERM, and the time it takes.
    pub(super) async fn terminate(mut self) -> Duration {
        let begun = Instant::now();
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        let status = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{status}: {}{}", text(&self.output), text(&self.log));
        self.ended().await;
        begun.elapsed()
    }

    async fn ended(&mut self) {
        for reader in self.readers.drain(..) {
            reader.await.unwrap();
        }
    }
}

async fn read(mut from: impl AsyncRead + Unpin, into: Arc<Mutex<Vec<u8>>>) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        into.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&bytes[..count]);
    }
}

fn text(output: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&output.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_whose_output_nobody_reads_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.env_clear().args(["--port", "0", "--data"]).arg(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let path = folder.path().join("demo.json");
    let ready = async { while Path::new(&lines.next_line().await.unwrap().unwrap()) != path {} };
    tokio::time::timeout(START, ready).await.unwrap();
    let demo: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let client = Client::new(demo["base_url"].as_str().unwrap());
    // A pipe takes 64 KiB, which is a fifth of the lines that these write.
    for _ in 0..1000 {
        let answer = tokio::time::timeout(Duration::from_secs(5), client.send(&Call::get("/openapi.json"))).await;
        assert_eq!(answer.expect("it stands still").unwrap().status, 200);
    }
    child.kill().await.unwrap();
    assert_eq!(lines.next_line().await.unwrap(), None, "the path is the last line of what it says");
    let mut log = Vec::new();
    child.stderr.take().unwrap().read_to_end(&mut log).await.unwrap();
    assert!(log.len() > 32 * 1024, "{} bytes of log", log.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_system_on_a_folder_or_a_port_says_so_and_leaves_the_first_alone() {
    let folder = tempfile::tempdir().unwrap();
    let running = Process::start(folder.path()).await;
    let port = running.demo["base_url"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    for (port, data, word) in [("0", folder.path(), "--data"), (port.as_str(), elsewhere.path(), "--port 0")] {
        let mut second = Command::new(PROGRAM);
        second.env_clear().args(["--port", port, "--data"]).arg(data).stdin(Stdio::null()).kill_on_drop(true);
        let told = tokio::time::timeout(START, second.output()).await.unwrap().unwrap();
        let words = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(!told.status.success() && words.contains(word), "{words}");
        assert_eq!(String::from_utf8_lossy(&told.stdout), "");
    }
    let demo: Value = serde_json::from_slice(&std::fs::read(folder.path().join("demo.json")).unwrap()).unwrap();
    assert_eq!(demo, running.demo);
    assert_eq!(running.send(&Call::get("/health")).await.status, 200);
    running.kill().await;
    // The lock of one that was killed is nobody's.
    Process::start(folder.path()).await.terminate().await;
}
