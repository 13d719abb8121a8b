//! Where the house's files are, and how what is wrong with them is told: file, line, why.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The text of a file, by its path from the root.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every folder and file of the house from the root, sorted; what is hidden or built is left out.
pub(crate) fn paths() -> Vec<String> {
    let mut found = Vec::new();
    walk(&root(), "", &mut found);
    found.sort();
    found
}

/// Every Rust source.
pub(crate) fn sources() -> Vec<String> {
    paths().into_iter().filter(|path| path.ends_with(".rs")).collect()
}

/// All code that is deployed, as one text.
pub(crate) fn code() -> String {
    let deployed = |path: &String| path.starts_with("shared/") || path.starts_with("functions/");
    sources().iter().filter(|path| deployed(path) && !path.contains("/tests/")).map(|path| text(path)).collect()
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{path}/"), found);
        }
        found.push(path);
    }
}

/// The first line, from 1, that `is` holds for; 1 where there is none.
pub(crate) fn line_of(text: &str, is: impl Fn(&str) -> bool) -> usize {
    text.lines().position(is).map_or(1, |index| index + 1)
}

/// What was found to be wrong.
#[derive(Default)]
pub(crate) struct Violations(pub(crate) Vec<String>);

impl Violations {
    /// Notes one.
    pub(crate) fn add(&mut self, file: &str, line: usize, why: impl AsRef<str>) {
        self.0.push(format!("{file}:{line}: {}", why.as_ref()));
    }

    /// Fails with all of them, one a line.
    #[track_caller]
    pub(crate) fn none(self) {
        assert!(self.0.is_empty(), "{} broken:\n{}", self.0.len(), self.0.join("\n"));
    }

    /// For the tests of the rules themselves: exactly one, which says so.
    #[track_caller]
    pub(crate) fn only(self, words: &str) {
        assert!(matches!(&self.0[..], [one] if one.contains(words)), "wanted one of {words:?}, got {:#?}", self.0);
    }
}
