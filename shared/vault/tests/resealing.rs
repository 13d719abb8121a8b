//! Secrets under a KMS key of before: opened while it is told of, and put under the key of now without being opened.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod kms;

use countersign_core::{ClientId, SealContext, Sealed, Secret};
use countersign_vault::{Vault, VaultError};
use ed25519_dalek::SigningKey;
use kms::Kms;

fn context(client: u64, version: u32) -> SealContext {
    SealContext::trading_key(ClientId::new(client).unwrap(), version)
}

async fn sealed(vault: &Vault, context: &SealContext) -> Sealed {
    vault.sealer(context.clone()).await.unwrap().seal(&Secret::new(vec![7; 32])).unwrap()
}

/// What the key of [`sealed`] signs.
fn signature(message: &[u8]) -> [u8; 64] {
    use ed25519_dalek::Signer as _;
    SigningKey::from_bytes(&[7; 32]).sign(message).to_bytes()
}

#[tokio::test]
async fn what_is_under_a_key_of_before_signs_and_is_sealed_under_the_key_of_now() {
    let kms = Kms::start().await;
    let (old, context) = (kms.vault(), context(7, 1));
    let before = sealed(&old, &context).await;
    let key = kms.another_sealing_key().await;
    let (without, vault) = (kms.vault_of(&key, &[]), kms.vault_of(&key, &[&kms.sealing_key()]));
    assert!(matches!(without.sign(&context, &before, b"m").await, Err(VaultError::Sealed)));
    assert_eq!(vault.sign(&context, &before, b"m").await.unwrap(), signature(b"m"));
    let after = sealed(&vault, &context).await;
    assert_eq!(
        without.sign(&context, &after, b"m").await.unwrap(),
        signature(b"m"),
        "nothing new is under the old key"
    );
}

#[tokio::test]
async fn a_resealed_secret_needs_the_old_key_no_more() {
    let kms = Kms::start().await;
    let context = context(7, 1);
    let before = sealed(&kms.vault(), &context).await;
    let key = kms.another_sealing_key().await;
    let vault = kms.vault_of(&key, &[&kms.sealing_key()]);
    let under = vault.sealed_under(&context, &before).await.unwrap();
    assert!(under.key_arn.ends_with(&kms.sealing_key()) && !under.is_current, "{under:?}");
    let after = vault.reseal(&context, &before).await.unwrap().unwrap();
    let under = vault.sealed_under(&context, &after).await.unwrap();
    assert_eq!((under.key_arn, under.is_current), (key.clone(), true));
    assert_eq!(vault.reseal(&context, &after).await.unwrap(), None, "there is nothing left to do");
    kms.client().schedule_key_deletion().key_id(kms.sealing_key()).send().await.unwrap();
    let fresh = kms.vault_of(&key, &[]);
    assert_eq!(fresh.sign(&context, &after, b"m").await.unwrap(), signature(b"m"));
    let gone = kms.vault_of(&key, &[&kms.sealing_key()]).sign(&context, &before, b"m").await;
    assert!(matches!(gone, Err(VaultError::Unavailable(_))), "{gone:?}");
    // The data key is wrapped anew; the ciphertext below it is the same to the byte.
    assert_eq!(before.as_bytes()[3 + 184..], after.as_bytes()[3 + 184..]);
}

#[tokio::test]
async fn a_secret_moves_to_no_other_context_and_from_no_key_that_was_not_told_of() {
    let kms = Kms::start().await;
    let (strange, key) = (kms.another_sealing_key().await, kms.another_sealing_key().await);
    let vault = kms.vault_of(&key, &[&kms.sealing_key()]);
    let ours = sealed(&kms.vault(), &context(7, 1)).await;
    for other in [context(8, 1), context(7, 2)] {
        assert!(matches!(vault.reseal(&other, &ours).await, Err(VaultError::Sealed)));
        assert!(matches!(vault.sealed_under(&other, &ours).await, Err(VaultError::Sealed)));
    }
    let theirs = sealed(&kms.vault_of(&strange, &[]), &context(7, 1)).await;
    assert!(matches!(vault.reseal(&context(7, 1), &theirs).await, Err(VaultError::Sealed)));
    assert!(matches!(vault.sign(&context(7, 1), &theirs, b"m").await, Err(VaultError::Sealed)));
    let mut bytes = ours.as_bytes().to_vec();
    bytes[100] ^= 1;
    assert!(vault.reseal(&context(7, 1), &Sealed::new(bytes)).await.is_err());
}

#[tokio::test]
async fn of_several_keys_of_before_the_right_one_is_found_and_one_that_is_gone_hides_none() {
    let kms = Kms::start().await;
    let context = context(7, 1);
    let (gone, key) = (kms.another_sealing_key().await, kms.another_sealing_key().await);
    let before = sealed(&kms.vault(), &context).await;
    kms.client().disable_key().key_id(&gone).send().await.unwrap();
    let vault = kms.vault_of(&key, &["alias/no-such-key", &gone, &kms.sealing_key()]);
    assert_eq!(vault.sign(&context, &before, b"m").await.unwrap(), signature(b"m"));
    assert!(vault.reseal(&context, &before).await.unwrap().is_some());
    kms.client().disable_key().key_id(kms.sealing_key()).send().await.unwrap();
    let cold = kms.vault_of(&key, &[&kms.sealing_key()]);
    assert!(matches!(cold.sign(&context, &before, b"m").await, Err(VaultError::Unavailable(_))), "not: it is damaged");
}
