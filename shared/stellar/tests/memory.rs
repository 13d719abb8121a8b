//! Memory stays flat whatever an envelope says. Alone in its file: the peak is the whole process's.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::limits;
use countersign_stellar::Envelope;

#[path = "suite/vectors.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "this test reads one of the files")]
mod vectors;

/// How much the peak may grow while hostile envelopes are read, in KiB: the densest one the size limit allows, and slack.
const GROWTH_KIB: u64 = 12 * 1024;

#[test]
#[allow(clippy::explicit_write, reason = "the test harness hides what a passing test prints with eprintln")]
fn hostile_envelopes_do_not_grow_the_process() {
    let texts: Vec<_> = vectors::MALFORMED.iter().map(vectors::Malformed::text).chain([densest()]).collect();
    vectors::GENERATED.iter().for_each(|case| drop(Envelope::read(&case.signed_xdr).unwrap()));
    let Some(before) = peak_kib() else {
        writeln!(std::io::stderr(), "no /proc/self/status here: peak memory was NOT checked").unwrap();
        return;
    };
    for _ in 0..3 {
        texts.iter().for_each(|text| drop(Envelope::read(text)));
    }
    let grown = peak_kib().unwrap() - before;
    assert!(grown < GROWTH_KIB, "{grown} KiB");
    assert!(Envelope::read(&densest()).is_ok(), "the densest envelope is refused and shows nothing");
}

/// As many four-byte values as fit: each takes far more room decoded than encoded.
fn densest() -> String {
    let mut bytes = Vec::new();
    bytes.extend([0, 0, 0, 2, 0, 0, 0, 0]);
    bytes.extend([0x22; 32]);
    bytes.extend([100, 0, 7, 0, 0, 1, 0, 24, 0, 1_u32].iter().flat_map(|word| word.to_be_bytes()));
    bytes.extend([0x77; 32]);
    bytes.extend([0, 0, 0, 1, b'f', 0, 0, 0]);
    let values = (limits::XDR_BYTES - bytes.len() - 4 - 12) / 4;
    bytes.extend(u32::try_from(values).unwrap().to_be_bytes());
    bytes.extend([0, 0, 0, 1].repeat(values));
    bytes.extend([0; 12]);
    STANDARD.encode(bytes)
}

fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
