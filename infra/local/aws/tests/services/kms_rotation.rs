//! KMS rotation and restart: old blobs stay readable.

use aws_sdk_kms::{
    Client,
    primitives::Blob,
    types::{KeySpec, KeyUsageType, RotationType},
};

use crate::{
    cloud::{DAY, code, kms, start, start_in},
    kms_keys::{make, symmetric},
};

async fn seal(kms: &Client, key: &str, text: &str) -> Blob {
    let sealed = kms.encrypt().key_id(key).plaintext(Blob::new(text)).encryption_context("of", text).send().await;
    sealed.unwrap().ciphertext_blob.unwrap()
}

async fn assert_opens(kms: &Client, blob: &Blob, text: &str) -> String {
    let opened = kms.decrypt().ciphertext_blob(blob.clone()).encryption_context("of", text).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().as_ref(), text.as_bytes());
    opened.key_material_id.unwrap()
}

#[tokio::test]
async fn after_rotations_on_demand_every_old_blob_opens_with_its_own_material() {
    let aws = start().await;
    let kms = kms(&aws);
    let key = symmetric(&kms).await;
    let mut blobs = vec![seal(&kms, &key, "0").await];
    for turn in 1..=25 {
        kms.rotate_key_on_demand().key_id(&key).send().await.unwrap();
        blobs.push(seal(&kms, &key, &turn.to_string()).await);
    }
    let mut materials = Vec::new();
    for (turn, blob) in blobs.iter().enumerate() {
        materials.push(assert_opens(&kms, blob, &turn.to_string()).await);
    }
    materials.sort();
    materials.dedup();
    assert_eq!(materials.len(), 26);
    let more = kms.rotate_key_on_demand().key_id(&key).send().await.unwrap_err();
    assert!(more.into_service_error().is_limit_exceeded_exception());
    let listed = kms.list_key_rotations().key_id(&key).limit(10).send().await.unwrap();
    assert_eq!((listed.rotations().len(), listed.truncated), (10, true));
    assert!(listed.rotations().iter().all(|one| one.rotation_type == Some(RotationType::OnDemand)));
}

#[tokio::test]
async fn automatic_rotation_happens_when_its_day_comes() {
    let aws = start().await;
    let kms = kms(&aws);
    let key = symmetric(&kms).await;
    assert!(!kms.get_key_rotation_status().key_id(&key).send().await.unwrap().key_rotation_enabled);
    let short = kms.enable_key_rotation().key_id(&key).rotation_period_in_days(89).send().await;
    assert_eq!(code!(short), "ValidationException");
    kms.enable_key_rotation().key_id(&key).rotation_period_in_days(90).send().await.unwrap();
    let status = kms.get_key_rotation_status().key_id(&key).send().await.unwrap();
    assert_eq!((status.key_rotation_enabled, status.rotation_period_in_days), (true, Some(90)));
    let old = seal(&kms, &key, "old").await;
    aws.advance_clock(90 * DAY);
    let new = seal(&kms, &key, "new").await;
    assert_ne!(assert_opens(&kms, &old, "old").await, assert_opens(&kms, &new, "new").await);
    let listed = kms.list_key_rotations().key_id(&key).send().await.unwrap();
    assert_eq!(listed.rotations().len(), 1);
    assert_eq!(listed.rotations()[0].rotation_type, Some(RotationType::Automatic));
    kms.disable_key_rotation().key_id(&key).send().await.unwrap();
    aws.advance_clock(900 * DAY);
    assert_eq!(kms.list_key_rotations().key_id(&key).send().await.unwrap().rotations().len(), 1);
}

#[tokio::test]
async fn only_enabled_symmetric_keys_rotate() {
    let aws = start().await;
    let kms = kms(&aws);
    let signer = make(&kms, KeySpec::EccNistEdwards25519, KeyUsageType::SignVerify).await;
    let error = kms.rotate_key_on_demand().key_id(&signer).send().await.unwrap_err();
    assert!(error.into_service_error().is_unsupported_operation_exception());
    let error = kms.enable_key_rotation().key_id(&signer).send().await.unwrap_err();
    assert!(error.into_service_error().is_unsupported_operation_exception());
    let key = symmetric(&kms).await;
    kms.disable_key().key_id(&key).send().await.unwrap();
    let error = kms.rotate_key_on_demand().key_id(&key).send().await.unwrap_err();
    assert!(error.into_service_error().is_disabled_exception());
    kms.schedule_key_deletion().key_id(&key).send().await.unwrap();
    let error = kms.rotate_key_on_demand().key_id(&key).send().await.unwrap_err();
    assert!(error.into_service_error().is_kms_invalid_state_exception());
}

#[tokio::test]
async fn keys_aliases_and_rotated_material_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let aws = start_in(folder.path()).await;
    let client = kms(&aws);
    let key = symmetric(&client).await;
    client.create_alias().alias_name("alias/kept").target_key_id(&key).send().await.unwrap();
    let old = seal(&client, "alias/kept", "old").await;
    client.rotate_key_on_demand().key_id(&key).send().await.unwrap();
    let new = seal(&client, "alias/kept", "new").await;
    aws.stop().await;

    let aws = start_in(folder.path()).await;
    let client = kms(&aws);
    assert_ne!(assert_opens(&client, &old, "old").await, assert_opens(&client, &new, "new").await);
    assert_eq!(client.describe_key().key_id("alias/kept").send().await.unwrap().key_metadata.unwrap().key_id, key);
    aws.stop().await;
}
