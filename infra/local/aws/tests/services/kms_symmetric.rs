//! KMS encryption: context, tampering, wrong keys, sizes.

use aws_sdk_kms::{
    Client,
    primitives::Blob,
    types::{DataKeySpec, EncryptionAlgorithmSpec, KeySpec, KeyUsageType},
};
use countersign_local_aws::LocalAws;

use crate::{
    cloud::{code, kms, start},
    kms_keys::{make, symmetric},
};

async fn started() -> (LocalAws, Client, String) {
    let aws = start().await;
    let kms = kms(&aws);
    let key = symmetric(&kms).await;
    (aws, kms, key)
}

#[tokio::test]
async fn a_data_key_opens_with_its_context_in_any_order_and_with_no_other() {
    let (_aws, kms, key) = started().await;
    let made = kms
        .generate_data_key()
        .key_id(&key)
        .key_spec(DataKeySpec::Aes256)
        .encryption_context("purpose", "session")
        .encryption_context("owner", "7")
        .send()
        .await
        .unwrap();
    let (plain, sealed) = (made.plaintext.unwrap(), made.ciphertext_blob.unwrap());
    assert_eq!((plain.as_ref().len(), sealed.as_ref().len()), (32, 184));
    let open = |pairs: Vec<(&'static str, &'static str)>| {
        let mut request = kms.decrypt().ciphertext_blob(sealed.clone());
        for (name, value) in pairs {
            request = request.encryption_context(name, value);
        }
        request.send()
    };
    let opened = open(vec![("owner", "7"), ("purpose", "session")]).await.unwrap();
    assert_eq!(opened.plaintext.unwrap(), plain);
    assert_eq!(opened.key_id.unwrap(), format!("arn:aws:kms:us-east-1:000000000000:key/{key}"));
    assert_eq!(opened.key_material_id, made.key_material_id);
    let wrong = [
        vec![],
        vec![("owner", "7")],
        vec![("owner", "8"), ("purpose", "session")],
        vec![("owner", "session"), ("purpose", "7")],
        vec![("owner", "7"), ("purpose", "session"), ("more", "")],
    ];
    for pairs in wrong {
        let error = open(pairs.clone()).await.unwrap_err().into_service_error();
        assert!(error.is_invalid_ciphertext_exception(), "{pairs:?}: {error:?}");
    }
}

#[tokio::test]
async fn tampered_blobs_are_refused_over_http_too() {
    let (_aws, kms, key) = started().await;
    let sealed = kms.encrypt().key_id(&key).plaintext(Blob::new("secret")).send().await.unwrap();
    let sealed = sealed.ciphertext_blob.unwrap().into_inner();
    for index in [0, 5, 21, 60, 130, 140, sealed.len() - 1] {
        for key_id in [None, Some(key.clone())] {
            let mut bytes = sealed.clone();
            bytes[index] ^= 1;
            let error = kms.decrypt().ciphertext_blob(Blob::new(bytes)).set_key_id(key_id).send().await.unwrap_err();
            assert!(error.into_service_error().is_invalid_ciphertext_exception(), "byte {index}");
        }
    }
    let garbage = kms.decrypt().ciphertext_blob(Blob::new("garbage")).send().await.unwrap_err();
    assert!(garbage.into_service_error().is_invalid_ciphertext_exception());
}

#[tokio::test]
async fn the_key_in_a_request_must_be_the_blobs_own() {
    let (_aws, kms, key) = started().await;
    let other = symmetric(&kms).await;
    let sealed = kms.encrypt().key_id(&key).plaintext(Blob::new("secret")).send().await.unwrap();
    let sealed = sealed.ciphertext_blob.unwrap();
    let error = kms.decrypt().ciphertext_blob(sealed.clone()).key_id(&other).send().await.unwrap_err();
    assert!(error.into_service_error().is_incorrect_key_exception());
    let unknown = "7a1e9d2c-1111-4222-8333-944445555666";
    let error = kms.decrypt().ciphertext_blob(sealed.clone()).key_id(unknown).send().await.unwrap_err();
    assert!(error.into_service_error().is_not_found_exception());
    let opened = kms.decrypt().ciphertext_blob(sealed).key_id(&key).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().as_ref(), b"secret");
}

#[tokio::test]
async fn keys_for_another_use_do_not_encrypt() {
    let (_aws, kms, key) = started().await;
    let signer = make(&kms, KeySpec::EccNistEdwards25519, KeyUsageType::SignVerify).await;
    let mac = make(&kms, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac).await;
    for wrong in [&signer, &mac] {
        let error = kms.encrypt().key_id(wrong).plaintext(Blob::new("x")).send().await.unwrap_err();
        assert!(error.into_service_error().is_invalid_key_usage_exception());
        let error = kms.generate_data_key().key_id(wrong).key_spec(DataKeySpec::Aes256).send().await.unwrap_err();
        assert!(error.into_service_error().is_invalid_key_usage_exception());
        let sealed =
            kms.encrypt().key_id(&key).plaintext(Blob::new("x")).send().await.unwrap().ciphertext_blob.unwrap();
        let error = kms.decrypt().ciphertext_blob(sealed).key_id(wrong).send().await.unwrap_err();
        assert!(error.into_service_error().is_invalid_key_usage_exception());
    }
    let rsa = kms.encrypt().key_id(&key).plaintext(Blob::new("x"));
    let error = rsa.encryption_algorithm(EncryptionAlgorithmSpec::RsaesOaepSha256).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_key_usage_exception());
}

#[tokio::test]
async fn sizes_have_their_limits() {
    let (_aws, kms, key) = started().await;
    let most = kms.encrypt().key_id(&key).plaintext(Blob::new(vec![0; 4_096])).send().await.unwrap();
    kms.decrypt().ciphertext_blob(most.ciphertext_blob.unwrap()).send().await.unwrap();
    for size in [0, 4_097] {
        let refused = kms.encrypt().key_id(&key).plaintext(Blob::new(vec![0; size])).send().await;
        assert_eq!(code!(refused), "ValidationException", "{size}");
    }
    let long = kms.decrypt().ciphertext_blob(Blob::new(vec![0; 6_145])).send().await;
    assert_eq!(code!(long), "ValidationException");
    let both = kms.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256).number_of_bytes(32).send().await;
    assert_eq!(code!(both), "ValidationException");
    assert_eq!(code!(kms.generate_data_key().key_id(&key).send().await), "ValidationException");
    for size in [0, 1_025] {
        let refused = kms.generate_data_key().key_id(&key).number_of_bytes(size).send().await;
        assert_eq!(code!(refused), "ValidationException", "{size}");
        assert_eq!(code!(kms.generate_random().number_of_bytes(size).send().await), "ValidationException");
    }
    let small = kms.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes128).send().await.unwrap();
    assert_eq!(small.plaintext.unwrap().as_ref().len(), 16);
    let random = kms.generate_random().number_of_bytes(1_024).send().await.unwrap().plaintext.unwrap();
    assert_eq!(random.as_ref().len(), 1_024);
    let huge = "x".repeat(9_000);
    let context = kms.encrypt().key_id(&key).plaintext(Blob::new("x")).encryption_context("a", huge).send().await;
    assert_eq!(code!(context), "ValidationException");
}

#[tokio::test]
async fn re_encryption_moves_a_blob_to_another_key_and_context() {
    let (_aws, kms, key) = started().await;
    let other = symmetric(&kms).await;
    let sealed = kms.encrypt().key_id(&key).plaintext(Blob::new("secret")).encryption_context("a", "1").send().await;
    let sealed = sealed.unwrap().ciphertext_blob.unwrap();
    let request = kms.re_encrypt().ciphertext_blob(sealed.clone()).destination_key_id(&other);
    let error = request.clone().send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_ciphertext_exception());
    let error = request.clone().source_encryption_context("a", "1").source_key_id(&other).send().await.unwrap_err();
    assert!(error.into_service_error().is_incorrect_key_exception());
    let moved = request
        .source_encryption_context("a", "1")
        .source_key_id(&key)
        .destination_encryption_context("b", "2")
        .send()
        .await
        .unwrap();
    assert!(moved.source_key_id.unwrap().ends_with(&key) && moved.key_id.unwrap().ends_with(&other));
    let moved = moved.ciphertext_blob.unwrap();
    let error = kms.decrypt().ciphertext_blob(moved.clone()).encryption_context("a", "1").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_ciphertext_exception());
    let opened = kms.decrypt().ciphertext_blob(moved).encryption_context("b", "2").key_id(&other).send().await;
    assert_eq!(opened.unwrap().plaintext.unwrap().as_ref(), b"secret");
}

#[tokio::test]
async fn re_encryption_asks_of_both_keys_what_sealing_and_opening_ask() {
    let (_aws, kms, key) = started().await;
    let other = symmetric(&kms).await;
    let made = kms.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256).encryption_context("purpose", "test");
    let made = made.send().await.unwrap();
    let (plain, sealed) = (made.plaintext.unwrap(), made.ciphertext_blob.unwrap());
    let request = kms
        .re_encrypt()
        .ciphertext_blob(sealed.clone())
        .source_encryption_context("purpose", "test")
        .destination_key_id(&other)
        .destination_encryption_context("purpose", "test");
    let error = request.clone().source_encryption_context("purpose", "Test").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_ciphertext_exception());
    let error = request.clone().source_encryption_context("more", "1").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_ciphertext_exception());
    let mut bytes = sealed.into_inner();
    *bytes.last_mut().unwrap() ^= 1;
    let error = request.clone().ciphertext_blob(Blob::new(bytes)).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_ciphertext_exception());
    for disabled in [&key, &other] {
        kms.disable_key().key_id(disabled).send().await.unwrap();
        let error = request.clone().send().await.unwrap_err();
        assert!(error.into_service_error().is_disabled_exception(), "{disabled}");
        kms.enable_key().key_id(disabled).send().await.unwrap();
    }
    let error = request.clone().destination_key_id("alias/nobody").send().await.unwrap_err();
    assert!(error.into_service_error().is_not_found_exception());
    // The blob of before is as good as it was, and the new one opens to the same data key without the old KMS key.
    let moved = request.send().await.unwrap().ciphertext_blob.unwrap();
    kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.unwrap();
    let error = kms.decrypt().ciphertext_blob(moved.clone()).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_ciphertext_exception(), "not without its context");
    let opened = kms.decrypt().ciphertext_blob(moved).encryption_context("purpose", "test").send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap(), plain);
}

#[tokio::test]
async fn a_dry_run_says_so_and_does_nothing() {
    let (_aws, kms, key) = started().await;
    let dry = kms.encrypt().key_id(&key).plaintext(Blob::new("x")).dry_run(true).send().await.unwrap_err();
    assert!(dry.into_service_error().is_dry_run_operation_exception());
    kms.disable_key().key_id(&key).send().await.unwrap();
    let dry = kms.encrypt().key_id(&key).plaintext(Blob::new("x")).dry_run(true).send().await.unwrap_err();
    assert!(dry.into_service_error().is_disabled_exception());
}
