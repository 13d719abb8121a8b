//! `cargo run` and `cargo test --workspace` share one build: what the local system links has the same features in both.

use std::{collections::BTreeSet, env, process::Command};

use crate::house;

/// Packages with their features, as cargo would build them for `selection`.
fn built(selection: &[&str]) -> BTreeSet<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(house::root())
        .args(["tree", "--offline", "--prefix", "none", "--no-dedupe", "--format", "{p} [{f}]"])
        .args(selection)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_local_system_is_built_once() {
    let alone = built(&["--package", "countersign-local", "--edges", "normal,build"]);
    let with_tests = built(&["--workspace", "--edges", "normal,build,dev"]);
    assert!(alone.len() > 100, "{alone:?}");
    let twice: Vec<_> = alone.difference(&with_tests).collect();
    assert!(
        twice.is_empty(),
        "built twice, as tests want other features; name them in infra/local/Cargo.toml: {twice:#?}"
    );
}
