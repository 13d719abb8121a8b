//! After a signature nothing of the key is left in the process: its memory is searched. Alone in its file, so that no
//! other test has a key in it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod kms;

use std::{fs::File, os::unix::fs::FileExt as _};

use countersign_core::{ClientId, SealContext, Secret, keyring::Chain};
use countersign_vault::TradingKey;
use kms::Kms;
use serde::Deserialize;

/// What a key is kept under here, so that the search does not find what it searches with.
const MASK: u8 = 0xa5;
/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 20;
/// Half a key is found too.
const PIECE: usize = 16;

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Spelled>,
}

#[derive(Deserialize)]
struct Spelled {
    chain: Chain,
    /// Hex: not the bytes that are searched.
    raw: String,
    text: String,
}

/// The key's bytes, masked one by one.
fn masked(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap() ^ MASK).collect()
}

/// How often a half of the key is in memory that can be written, forwards or backwards (numbers are kept so).
fn found(masked: &[u8]) -> usize {
    let backwards: Vec<u8> = masked.iter().rev().copied().collect();
    let pieces: Vec<&[u8]> = masked.chunks(PIECE).chain(backwards.chunks(PIECE)).collect();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut chunk = vec![0; CHUNK + PIECE - 1];
    let mut count = 0;
    for (start, end) in mappings() {
        for at in (start..end).step_by(CHUNK) {
            let length = usize::try_from(end - at).unwrap().min(chunk.len());
            let Ok(read) = memory.read_at(&mut chunk[..length], at) else { continue };
            count += pieces.iter().map(|piece| occurrences(&chunk[..read], piece)).sum::<usize>();
        }
    }
    count
}

fn occurrences(chunk: &[u8], piece: &[u8]) -> usize {
    let first = piece[0] ^ MASK;
    let starts = chunk.iter().enumerate().filter(|(_, byte)| **byte == first).map(|(at, _)| at);
    let is_it = |at: &usize| {
        chunk
            .get(*at..*at + PIECE)
            .is_some_and(|here| here.iter().zip(piece).all(|(byte, masked)| byte ^ MASK == *masked))
    };
    starts.filter(is_it).count()
}

/// Readable and writable parts of the address space: heap, stacks, data.
fn mappings() -> Vec<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/self/maps").unwrap();
    let lines = text.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw")));
    lines
        .map(|line| {
            let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
            (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap())
        })
        .collect()
}

#[tokio::test]
async fn nothing_of_a_key_is_left_after_it_was_entered_proven_and_signed_with() {
    let vectors: Vectors = serde_json::from_str(include_str!("../../../tests/vectors/chains.json")).unwrap();
    let kms = Kms::start().await;
    let vault = kms.vault();
    let mut spellings = vectors.keys;
    // One of each: a search of the whole memory takes its time.
    spellings.dedup_by_key(|key| (key.chain, key.text.starts_with('[')));
    spellings.truncate(6);
    assert_eq!(spellings.last().map(|key| key.chain), Some(Chain::Evm));
    for (version, spelled) in (1..).zip(&spellings) {
        let context = SealContext::trading_key(ClientId::new(7).unwrap(), version);
        let (key, secret) = TradingKey::read(&Secret::from(spelled.text.clone())).unwrap();
        let masked = masked(&spelled.raw);
        assert!(found(&masked) > 0, "the search finds the key while it is held");
        let sealed = vault.sealer(context.clone()).await.unwrap().seal(&secret).unwrap();
        drop(secret);
        assert_eq!(found(&masked), 0, "{:?}, after it was sealed", spelled.chain);
        vault.prove(&context, &sealed, &key).await.unwrap();
        if key.chain == Chain::Evm {
            vault.sign_secp256k1(&context, &sealed, &[1; 32]).await.unwrap();
        } else {
            vault.sign(&context, &sealed, b"message").await.unwrap();
        }
        assert_eq!(found(&masked), 0, "{:?}, after it signed", spelled.chain);
    }
}

#[test]
fn the_search_finds_what_is_planted_in_either_direction() {
    let masked: Vec<u8> = (1..=32).map(|number| number * 7).collect();
    assert_eq!(found(&masked), 0);
    let planted: Vec<u8> = masked.iter().map(|byte| byte ^ MASK).collect();
    assert!(found(&masked) >= 2, "{planted:?}");
    let backwards: Vec<u8> = masked[..PIECE].iter().rev().map(|byte| byte ^ MASK).collect();
    drop(planted);
    assert!(found(&masked) >= 1, "{backwards:?}");
}
