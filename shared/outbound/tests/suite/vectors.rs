//! The cases that Standard Webhooks' own libraries are tested with, read from where `PUBLISHED_VECTORS` points.

use std::{io::Write as _, path::Path};

use countersign_core::{Moment, Secret};
use countersign_outbound::{Letter, LetterError};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    count: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    secret: String,
    id: String,
    timestamp: i64,
    payload: String,
    signature: String,
    expect: String,
    /// The verifier's clock is off: nothing that a sender can do about.
    clock_offset: Option<i64>,
}

#[allow(clippy::explicit_write, reason = "the test harness hides what a passing test prints with eprintln")]
fn published() -> Option<File> {
    let Some(folder) = std::env::var_os("PUBLISHED_VECTORS") else {
        writeln!(std::io::stderr(), "PUBLISHED_VECTORS is not set: standard_webhooks.json was NOT checked").unwrap();
        return None;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder).join("standard_webhooks.json");
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_slice(&text).unwrap())
}

/// Ours is among the signatures of a valid case and of no invalid one.
#[test]
fn our_signature_is_the_published_one() {
    let Some(file) = published() else { return };
    assert_eq!((file.count, file.cases.len()), (12, 12));
    let mut checked = 0;
    for case in file.cases.iter().filter(|case| case.clock_offset.is_none()) {
        let secrets = [Secret::from(case.secret.clone())];
        let letter = Letter { id: &case.id, body: &case.payload, secrets: &secrets };
        let ours = match letter.headers(Moment::from_seconds(case.timestamp)) {
            Ok(headers) => headers["webhook-signature"].to_str().unwrap().to_owned(),
            Err(error) => {
                assert_eq!((error, case.expect.as_str()), (LetterError::Id, "invalid"));
                continue;
            }
        };
        let found = case.signature.split(' ').any(|signature| signature == ours);
        assert_eq!(found, case.expect == "valid", "{} gave {ours}", case.signature);
        checked += 1;
    }
    assert_eq!(checked, 9);
}
