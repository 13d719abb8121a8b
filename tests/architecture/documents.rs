//! Documents that a newcomer looks for are there and say something.

use crate::house::{self, Violations};

const DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"];

#[test]
fn documents_are_there() {
    let mut broken = Violations::default();
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(house::root().join(document)).unwrap_or_default();
        if text.lines().filter(|line| !line.trim().is_empty()).count() < 3 {
            broken.add(document, 1, "is missing or says nothing");
        }
    }
    let decisions =
        house::paths().into_iter().filter(|path| path.starts_with("docs/decisions/") && path.ends_with(".md"));
    if decisions.count() == 0 {
        broken.add("docs/decisions", 1, "no decision is recorded");
    }
    broken.none();
}

#[test]
fn named_decisions_exist() {
    let mut broken = Violations::default();
    for path in house::paths().into_iter().filter(|path| is_text(path)) {
        for (index, line) in house::text(&path).lines().enumerate() {
            for named in line.match_indices("docs/decisions/").filter_map(|(at, _)| decision(&line[at..])) {
                if !house::root().join(named).exists() {
                    broken.add(&path, index + 1, format!("{named} does not exist"));
                }
            }
        }
    }
    broken.none();
}

fn is_text(path: &str) -> bool {
    !path.starts_with("tests/architecture") && [".rs", ".toml", ".md", ".yaml"].iter().any(|end| path.ends_with(end))
}

/// `docs/decisions/0001-name.md` at the beginning of `text`.
fn decision(text: &str) -> Option<&str> {
    text.find(".md").map(|end| &text[..end + 3]).filter(|path| !path.contains(char::is_whitespace))
}

#[test]
fn a_decision_is_recognised() {
    assert_eq!(decision("docs/decisions/0001-a.md, and so on"), Some("docs/decisions/0001-a.md"));
    assert_eq!(decision("docs/decisions/ and notes.md"), None);
}
