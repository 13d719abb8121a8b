//! Programs of others that tests run on Node.js, where CI has installed them.

use std::{
    ffi::{OsStr, OsString},
    io::Write as _,
    process::Stdio,
};

use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, process::Command};

/// The folder `node_modules` with what `tests/browser/package.json` names; `.ci/run` sets it.
const NODE_MODULES: &str = "TEST_NODE_MODULES";

/// Node.js with the packages of `tests/browser`.
pub(crate) struct Node(OsString);

/// None where the packages are not installed.
pub(crate) fn node() -> Option<Node> {
    std::env::var_os(NODE_MODULES).map(Node)
}

/// Says which check is left out, because one of these variables, or the packages' own, is not set.
#[allow(clippy::explicit_write, reason = "the test harness hides what a passing test prints with eprintln")]
pub(crate) fn said_aloud(variables: &[&str], what: &str) {
    let unset = |name: &&str| std::env::var_os(name).is_none();
    let unset: Vec<_> = std::iter::once(NODE_MODULES).chain(variables.iter().copied()).filter(unset).collect();
    writeln!(std::io::stderr(), "not set: {}: {what}", unset.join(", ")).unwrap();
}

impl Node {
    /// Runs a program with this JSON as its input; what it printed. Fails where it fails.
    pub(crate) async fn run(&self, program: &[&OsStr], given: &Value) -> String {
        let mut command = Command::new("node");
        command.args(program).env("NODE_PATH", &self.0).kill_on_drop(true);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
