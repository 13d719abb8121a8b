//! Builds the release binaries that are measured, as they are deployed.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::Failure;

/// What is measured.
pub(crate) struct Binaries {
    /// The sign function.
    pub(crate) sign: PathBuf,
    /// The hello-world function.
    pub(crate) hello: PathBuf,
    /// The function that makes the same calls to AWS and nothing else.
    pub(crate) aws_calls: PathBuf,
}

/// Builds them with the release profile.
pub(crate) fn build() -> Result<Binaries, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .args(["build", "--release", "--bin", "sign", "--bin", "hello", "--bin", "aws-calls"])
        .args(["-p", "countersign-sign", "-p", "countersign-hello", "--message-format=json"])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the release binaries do not build".into());
    }
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let built: Vec<Value> = told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Binaries { sign: find(&built, "sign")?, hello: find(&built, "hello")?, aws_calls: find(&built, "aws-calls")? })
}

fn find(built: &[Value], name: &str) -> Result<PathBuf, Failure> {
    let named = |line: &&Value| line.pointer("/target/name").is_some_and(|known| known == name);
    let mut paths = built.iter().filter(named).filter_map(|line| line.get("executable")?.as_str());
    Ok(paths.next().ok_or_else(|| format!("{name} was not built"))?.into())
}
