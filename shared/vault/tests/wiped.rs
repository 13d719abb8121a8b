//! After a signature nothing of the key is left in the process: its memory is searched. Alone in its file: no
//! other test has a key in it, or reads it while this one holds a key.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod kms;

use countersign_core::{ClientId, SealContext, Secret, SessionId, Subject, TelegramId, keyring::Chain};
use countersign_testkit::MaskedKey;
use countersign_vault::{TradingKey, Vault};
use kms::Kms;
use serde::Deserialize;

/// A P-256 key in hex, and its public half, compressed.
const API_KEY: &str = "3c1f7a92d4e05b68a17c93f2be64d8013f5e92a7c4b6d80e17293a4c5d6e7f81";
const API_PUBLIC_KEY: &str = "03b3d784607dd2bc81a7492356e46f5f5569c80353560da8975af9b9b267fc6851";

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
    of_an_api_key_after_it_stamped(&vault).await;
}

/// A P-256 key, as Turnkey's API keys are.
async fn of_an_api_key_after_it_stamped(vault: &Vault) {
    let context =
        SealContext::signing_session(Subject::Telegram(TelegramId::new(7).unwrap()), SessionId::new(1).unwrap());
    let (masked, text) = (MaskedKey::of_hex(API_KEY), Secret::from(API_KEY.to_owned()));
    let sealed = vault.sealer(context.clone()).await.unwrap().seal_api_key(&text, API_PUBLIC_KEY).unwrap();
    drop(text);
    assert_eq!(found(&masked), 0, "an API key, after it was sealed");
    vault.stamp(&context, &sealed, b"body").await.unwrap();
    assert_eq!(found(&masked), 0, "an API key, after it stamped");
}
