//! After a signature nothing of the key is left in the process: its memory is searched. Alone in its file: no
//! other test has a key in it, or reads it while this one holds a key.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod kms;

use countersign_core::{ClientId, SealContext, Secret, keyring::Chain};
use countersign_testkit::MaskedKey;
use countersign_vault::TradingKey;
use kms::Kms;
use serde::Deserialize;

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

/// How often a half of the key is in this process's memory.
fn found(key: &MaskedKey) -> usize {
    key.found_in("self").unwrap()
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
        let masked = MaskedKey::of_hex(&spelled.raw);
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
