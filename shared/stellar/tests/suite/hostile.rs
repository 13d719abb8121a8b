//! Input made to exhaust stack, memory or time: deep and dense envelopes at and over the limits.

use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::limits;
use countersign_stellar::{Envelope, EnvelopeError};

use crate::vectors::{GENERATED, MALFORMED};

/// The stack a worker thread has, in bytes.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// The bytes of a contract call with no arguments up to, not including, the count of arguments.
fn call() -> Vec<u8> {
    let mut bytes = Vec::new();
    let words: [u32; 2] = [2, 0];
    bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    bytes.extend([0x22; 32]);
    // fee, sequence (two words), no preconditions, no memo, one operation without source, invoke host function, invoke contract, a contract's address
    let words: [u32; 10] = [100, 0, 7, 0, 0, 1, 0, 24, 0, 1];
    bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    bytes.extend([0x77; 32]);
    bytes.extend([0, 0, 0, 1, b'f', 0, 0, 0]);
    bytes
}

/// No authorisations, no Soroban data, no signatures.
const END: [u8; 12] = [0; 12];

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A call with one argument: `levels` times `open`, then the leaf, then `levels` times `close`.
fn nested(open: &[u32], close: &[u32], levels: usize) -> String {
    let mut bytes = call();
    bytes.extend(words(&[1]));
    bytes.extend(words(open).repeat(levels));
    bytes.extend(words(&[1])); // SCV_VOID
    bytes.extend(words(close).repeat(levels));
    bytes.extend(END);
    STANDARD.encode(bytes)
}

/// Each recursive shape of a Soroban value: its name, what opens one level and what closes it.
const SHAPES: [(&str, &[u32], &[u32]); 4] = [
    ("vector", &[16, 1, 1], &[]),
    ("map, in the value", &[17, 1, 1, 1], &[]),
    ("map, in the key", &[17, 1, 1], &[1]),
    ("contract instance", &[19, 1, 1, 1, 1], &[]),
];

fn on_a_small_stack<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(STACK_BYTES).spawn(job).unwrap().join().unwrap()
}

#[test]
fn the_builder_builds_readable_envelopes() {
    for (name, open, close) in SHAPES {
        let envelope = Envelope::read(&nested(open, close, 10)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(envelope.operation_count(), 1);
    }
}

#[test]
fn nesting_ends_at_the_limit_without_overflowing_a_small_stack() {
    for (name, open, close) in SHAPES {
        let verdicts = on_a_small_stack(move || {
            let verdict = |levels| Envelope::read(&nested(open, close, levels)).map(|envelope| drop(envelope.clone()));
            (1..limits::XDR_DEPTH as usize).map(verdict).chain([verdict(5_000)]).collect::<Vec<_>>()
        });
        let deepest = verdicts.iter().take_while(|verdict| verdict.is_ok()).count();
        assert!(deepest >= 25, "{name}: {deepest}");
        assert!(verdicts[deepest..].iter().all(|verdict| *verdict == Err(EnvelopeError::TooDeep)), "{name}");
    }
}

#[test]
fn every_malformed_vector_fits_a_small_stack() {
    on_a_small_stack(|| {
        for case in MALFORMED.iter() {
            let _ = Envelope::read(&case.text());
        }
        for case in GENERATED.iter() {
            Envelope::read(&case.signed_xdr).unwrap();
        }
    });
}

/// A length is believed only as far as there are bytes left.
#[test]
fn a_promised_length_allocates_nothing() {
    for count in [2, 100_000, u32::MAX] {
        let mut bytes = call();
        bytes.extend(words(&[count]));
        bytes.extend(END);
        let verdict = Envelope::read(&STANDARD.encode(bytes)).unwrap_err();
        assert!(matches!(verdict, EnvelopeError::Truncated | EnvelopeError::Malformed), "{count}: {verdict}");
    }
}
