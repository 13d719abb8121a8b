//! Trading keys under a real interface of KMS: sealed, signed with, proven, told apart by fingerprint.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod kms;

use countersign_core::{ClientId, SealContext, Sealed, Secret, keyring::Chain};
use countersign_vault::{TradingKey, Vault, VaultError};
use ed25519_dalek::{Signature as Ed25519Signature, VerifyingKey as Ed25519Key};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use kms::Kms;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Spelled>,
    evm: Vec<Evm>,
}

#[derive(Deserialize)]
struct Spelled {
    chain: Chain,
    raw: String,
    text: String,
}

#[derive(Deserialize)]
struct Evm {
    key: String,
    hash_to_sign: String,
    signed: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../tests/vectors/chains.json")).unwrap()
}

fn context(client: u64, version: u32) -> SealContext {
    SealContext::trading_key(ClientId::new(client).unwrap(), version)
}

async fn sealed(vault: &Vault, text: &str, context: &SealContext) -> (TradingKey, Sealed) {
    let (key, secret) = TradingKey::read(&Secret::from(text.to_owned())).unwrap();
    let sealed = vault.sealer(context.clone()).await.unwrap().seal(&secret).unwrap();
    (key, sealed)
}

#[tokio::test]
async fn a_sealed_key_signs_what_its_public_half_verifies_and_is_proven() {
    let kms = Kms::start().await;
    let vault = kms.vault();
    for spelled in vectors().keys {
        let context = context(7, 3);
        let (key, sealed) = sealed(&vault, &spelled.text, &context).await;
        vault.prove(&context, &sealed, &key).await.unwrap();
        if key.chain == Chain::Evm {
            let signature = vault.sign_secp256k1(&context, &sealed, &[9; 32]).await.unwrap();
            let recovery = RecoveryId::new(signature.y_odd, false);
            let parsed = Signature::from_slice(&signature.r_s).unwrap();
            assert!(parsed.normalize_s().is_none(), "s is in the lower half");
            let signer = VerifyingKey::recover_from_prehash(&[9; 32], &parsed, recovery).unwrap();
            assert_eq!(signer.to_encoded_point(true).as_bytes(), key.public_key);
        } else {
            let signature = vault.sign(&context, &sealed, b"message").await.unwrap();
            let public = Ed25519Key::from_bytes(key.public_key.as_slice().try_into().unwrap()).unwrap();
            public.verify_strict(b"message", &Ed25519Signature::from_bytes(&signature)).unwrap();
        }
    }
}

#[tokio::test]
async fn an_evm_signature_is_the_one_that_others_make() {
    let kms = Kms::start().await;
    let vault = kms.vault();
    for case in vectors().evm {
        let context = context(7, 1);
        let (_, sealed) = sealed(&vault, &case.key, &context).await;
        let mut hash = [0; 32];
        hex::decode_to_slice(&case.hash_to_sign, &mut hash).unwrap();
        let signature = vault.sign_secp256k1(&context, &sealed, &hash).await.unwrap();
        // A signed transaction ends with s, without its leading zeros.
        let s = hex::encode(&signature.r_s[32..]);
        assert!(case.signed.ends_with(s.trim_start_matches("00")), "{}", case.hash_to_sign);
    }
}

#[tokio::test]
async fn a_proof_fails_for_another_key_version_or_client() {
    let kms = Kms::start().await;
    let vault = kms.vault();
    for chain in [Chain::Stellar, Chain::Solana, Chain::Evm] {
        let mut texts: Vec<_> = vectors().keys.into_iter().filter(|key| key.chain == chain).collect();
        texts.dedup_by(|one, other| one.raw == other.raw);
        let here = context(7, 1);
        let (key, one) = sealed(&vault, &texts[0].text, &here).await;
        let (_, other) = sealed(&vault, &texts[1].text, &here).await;
        vault.prove(&here, &one, &key).await.unwrap();
        assert!(matches!(vault.prove(&here, &other, &key).await, Err(VaultError::Sealed)));
        for elsewhere in [context(7, 2), context(8, 1)] {
            assert!(matches!(vault.prove(&elsewhere, &one, &key).await, Err(VaultError::Sealed)));
        }
        assert!(vault.reveal_token(&here, &one).await.is_err(), "no verb gives it out");
    }
}

#[tokio::test]
async fn a_fingerprint_is_of_the_secret_and_of_the_vaults_key() {
    let kms = Kms::start().await;
    let (vault, other) = (kms.vault(), Kms::start().await);
    let keys = vectors().keys;
    let read = |key: &Spelled| TradingKey::read(&Secret::from(key.text.clone())).unwrap().0;
    for (one, two) in keys.iter().zip(keys.iter().skip(1)) {
        let [first, second] =
            [vault.fingerprint(&read(one)).await.unwrap(), vault.fingerprint(&read(two)).await.unwrap()];
        assert_eq!(first == second, one.raw == two.raw);
        assert_eq!(first.as_str().len(), 64);
        assert!(!first.as_str().contains(&one.raw));
    }
    let here = vault.fingerprint(&read(&keys[0])).await.unwrap();
    assert_ne!(here, other.vault().fingerprint(&read(&keys[0])).await.unwrap());
    let without = kms.vault_without_fingerprints().fingerprint(&read(&keys[0])).await;
    assert!(matches!(without, Err(VaultError::Unavailable(_))));
}
