//! Malformed envelopes over HTTP: refused as problems, at once, without an echo, in flat memory.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use countersign_local::demo::DemoPerson;

use super::files::{Malformed, malformed};
use crate::world::{TESTNET, World, refused, signed_by, text};

/// No answer may take longer.
const MOST: Duration = Duration::from_secs(1);
/// How much the whole process, system and client, may grow while it is attacked, in KiB.
const GROWTH_KIB: u64 = 16 * 1024;
/// Set where this process runs one test alone, so that its memory is that test's.
const ALONE: &str = "COUNTERSIGN_MEASURE_MEMORY";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_malformed_envelope_gets_the_verdict_of_its_legend() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let cases = malformed();
    let mut rejected = attack(&world, &person, &cases).await;
    if std::env::var_os(ALONE).is_some()
        && let Some(before) = peak_kib()
    {
        for _ in 0..3 {
            rejected = attack(&world, &person, &cases).await;
        }
        let grown = peak_kib().unwrap() - before;
        assert!(grown < GROWTH_KIB, "{grown} KiB");
        println!("grown by {grown} KiB");
    }
    assert!(rejected >= 185, "{rejected}");
    world.stop().await;
}

/// The test above in a process of its own, where nothing else grows.
#[test]
fn memory_stays_flat_under_malformed_envelopes() {
    let name = "vectors::malformed::every_malformed_envelope_gets_the_verdict_of_its_legend";
    let mut alone = Command::new(std::env::current_exe().unwrap());
    let output = alone.args(["--exact", name, "--nocapture"]).env(ALONE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("grown by") || peak_kib().is_none(), "{text}");
}

/// Sends every case; how many were refused.
async fn attack(world: &World, person: &DemoPerson, cases: &[Malformed]) -> usize {
    let mut rejected = 0;
    for case in cases {
        let input = case.text();
        let begun = Instant::now();
        let answered = world.sign(&person.access_token, &input).await;
        let took = begun.elapsed();
        assert!(took < MOST, "{}: {took:?}", case.name);
        let (status, _, answer) = &answered;
        assert!(status.as_u16() < 500, "{}: {status} {answer}", case.name);
        let accepted = status.as_u16() == 200;
        match case.expect.as_str() {
            "reject" | "reject-policy" | "reject-verify" => assert!(!accepted, "{} was signed", case.name),
            "accept-xdr" => assert!(accepted, "{}: {answer}", case.name),
            "no-crash" | "reject-or-unverified" => {}
            other => panic!("{}: no rule for {other}", case.name),
        }
        if accepted {
            let own = person.stellar_public_key.as_deref().unwrap();
            signed_by(&text(answer, "signed_xdr"), &input, TESTNET, own).unwrap();
        } else {
            let detail = refused(&answered, if input.len() > 250_000 { 413 } else { 400 });
            assert!(detail.len() < 80 && !echoes(&answer.to_string(), &input), "{}: {detail}", case.name);
            rejected += 1;
        }
    }
    rejected
}

/// Whether any sixteen characters of the input came back; shorter inputs as a whole.
fn echoes(answer: &str, input: &str) -> bool {
    let characters: Vec<char> = input.trim().chars().collect();
    let piece = |piece: &[char]| answer.contains(&piece.iter().collect::<String>());
    match characters.len() {
        0..4 => false,
        4..16 => piece(&characters),
        _ => characters.chunks_exact(16).any(piece),
    }
}

#[test]
fn an_echo_is_heard() {
    assert!(echoes("Invalid XDR: AAAAAgAAAABQ27Tn is short", "AAAAAgAAAABQ27Tn"));
    assert!(echoes("no !!!! please", "!!!!"));
    assert!(!echoes("Invalid XDR: it ends too early", "AAAAAgAAAABQ27Tn"));
}

fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
