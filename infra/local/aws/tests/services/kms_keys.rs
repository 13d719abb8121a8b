//! KMS keys: their records, names, tags and states.

use aws_sdk_kms::{
    Client,
    types::{KeySpec, KeyState, KeyUsageType, Tag},
};
use countersign_local_aws::LocalAws;

use crate::cloud::{DAY, code, kms, start};

pub(crate) async fn make(kms: &Client, spec: KeySpec, usage: KeyUsageType) -> String {
    let made = kms.create_key().key_spec(spec).key_usage(usage).send().await.unwrap();
    made.key_metadata.unwrap().key_id
}

pub(crate) async fn symmetric(kms: &Client) -> String {
    make(kms, KeySpec::SymmetricDefault, KeyUsageType::EncryptDecrypt).await
}

async fn started() -> (LocalAws, Client) {
    let aws = start().await;
    let kms = kms(&aws);
    (aws, kms)
}

#[tokio::test]
async fn a_key_is_described_by_each_of_its_four_names() {
    let (_aws, kms) = started().await;
    let tag = Tag::builder().tag_key("stage").tag_value("test").build().unwrap();
    let made = kms.create_key().description("seals").tags(tag).send().await.unwrap().key_metadata.unwrap();
    let arn = made.arn.clone().unwrap();
    assert_eq!(arn, format!("arn:aws:kms:us-east-1:000000000000:key/{}", made.key_id));
    assert_eq!(made.key_state, Some(KeyState::Enabled));
    kms.create_alias().alias_name("alias/seal").target_key_id(&made.key_id).send().await.unwrap();
    let alias_arn = "arn:aws:kms:us-east-1:000000000000:alias/seal";
    for name in [made.key_id.as_str(), &arn, "alias/seal", alias_arn] {
        let described = kms.describe_key().key_id(name).send().await.unwrap().key_metadata.unwrap();
        assert_eq!(described, made, "{name}");
    }
    assert_eq!(made.description.as_deref(), Some("seals"));
    assert_eq!(made.current_key_material_id.map(|id| id.len()), Some(64));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let (_aws, kms) = started().await;
    let foreign = "arn:aws:kms:eu-west-1:000000000000:key/7a1e9d2c-1111-4222-8333-944445555666";
    for name in ["7a1e9d2c-1111-4222-8333-944445555666", "alias/none", "nonsense", foreign] {
        let error = kms.describe_key().key_id(name).send().await.unwrap_err().into_service_error();
        assert!(error.is_not_found_exception(), "{name}: {error:?}");
    }
}

#[tokio::test]
async fn each_spec_has_its_usage_and_algorithms() {
    let (_aws, kms) = started().await;
    let cases = [
        (KeySpec::EccNistEdwards25519, KeyUsageType::SignVerify, "ED25519_SHA_512"),
        (KeySpec::EccNistP256, KeyUsageType::SignVerify, "ECDSA_SHA_256"),
        (KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac, "HMAC_SHA_256"),
    ];
    for (spec, usage, algorithm) in cases {
        assert_eq!(code!(kms.create_key().key_spec(spec.clone()).send().await), "ValidationException");
        let wrong = kms.create_key().key_spec(spec.clone()).key_usage(KeyUsageType::EncryptDecrypt).send().await;
        assert_eq!(code!(wrong), "ValidationException");
        let made = kms.create_key().key_spec(spec.clone()).key_usage(usage.clone()).send().await.unwrap();
        let made = made.key_metadata.unwrap();
        assert_eq!((made.key_spec.as_ref(), made.key_usage.as_ref()), (Some(&spec), Some(&usage)));
        let text = format!("{:?} {:?}", made.signing_algorithms(), made.mac_algorithms());
        let wanted = format!("{algorithm:?}").replace('"', "").replace('_', "").to_lowercase();
        assert!(text.to_lowercase().replace([' ', '_'], "").contains(&wanted), "{text} has no {wanted}");
    }
    let unsupported = kms.create_key().key_spec(KeySpec::Rsa2048).key_usage(KeyUsageType::SignVerify).send().await;
    assert!(unsupported.unwrap_err().into_service_error().is_unsupported_operation_exception());
}

#[tokio::test]
async fn keys_are_listed_in_pages() {
    let (_aws, kms) = started().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(symmetric(&kms).await);
    }
    made.sort();
    let pages: Vec<_> = kms.list_keys().limit(2).into_paginator().send().collect::<Result<_, _>>().await.unwrap();
    assert_eq!(pages.len(), 3);
    let listed: Vec<_> = pages.iter().flat_map(|page| page.keys()).map(|key| key.key_id().unwrap()).collect();
    assert_eq!(listed, made);
    let bad = kms.list_keys().marker("!").send().await.unwrap_err().into_service_error();
    assert!(bad.is_invalid_marker_exception());
}

#[tokio::test]
async fn aliases_are_made_moved_listed_and_deleted() {
    let (_aws, kms) = started().await;
    let (one, other) = (symmetric(&kms).await, symmetric(&kms).await);
    kms.create_alias().alias_name("alias/a").target_key_id(&one).send().await.unwrap();
    let again = kms.create_alias().alias_name("alias/a").target_key_id(&one).send().await;
    assert!(again.unwrap_err().into_service_error().is_already_exists_exception());
    kms.update_alias().alias_name("alias/a").target_key_id(&other).send().await.unwrap();
    let described = kms.describe_key().key_id("alias/a").send().await.unwrap();
    assert_eq!(described.key_metadata.unwrap().key_id, other);
    let listed = kms.list_aliases().key_id(&other).send().await.unwrap();
    assert_eq!(listed.aliases()[0].alias_name(), Some("alias/a"));
    assert!(kms.list_aliases().key_id(&one).send().await.unwrap().aliases().is_empty());
    let mac = make(&kms, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac).await;
    let moved = kms.update_alias().alias_name("alias/a").target_key_id(&mac).send().await;
    assert_eq!(code!(moved), "ValidationException");
    kms.delete_alias().alias_name("alias/a").send().await.unwrap();
    let gone = kms.delete_alias().alias_name("alias/a").send().await;
    assert!(gone.unwrap_err().into_service_error().is_not_found_exception());
    let named = kms.create_alias().alias_name("alias/a b").target_key_id(&one).send().await;
    assert!(named.unwrap_err().into_service_error().is_invalid_alias_name_exception());
    assert_eq!(code!(kms.create_alias().alias_name("a").target_key_id(&one).send().await), "ValidationException");
    let reserved = kms.create_alias().alias_name("alias/aws/x").target_key_id(&one).send().await;
    assert_eq!(code!(reserved), "NotAuthorizedException");
    // Operations on keys themselves take no alias.
    kms.create_alias().alias_name("alias/b").target_key_id(&one).send().await.unwrap();
    let disabled = kms.disable_key().key_id("alias/b").send().await;
    assert!(disabled.unwrap_err().into_service_error().is_not_found_exception());
}

#[tokio::test]
async fn tags_are_added_replaced_listed_and_removed() {
    let (_aws, kms) = started().await;
    let key = symmetric(&kms).await;
    let tag = |name: &str, value: &str| Tag::builder().tag_key(name).tag_value(value).build().unwrap();
    kms.tag_resource().key_id(&key).tags(tag("a", "1")).tags(tag("b", "2")).send().await.unwrap();
    kms.tag_resource().key_id(&key).tags(tag("a", "3")).send().await.unwrap();
    kms.untag_resource().key_id(&key).tag_keys("b").send().await.unwrap();
    assert_eq!(kms.list_resource_tags().key_id(&key).send().await.unwrap().tags(), [tag("a", "3")]);
    let reserved = kms.tag_resource().key_id(&key).tags(tag("aws:x", "1")).send().await;
    assert!(reserved.unwrap_err().into_service_error().is_tag_exception());
}

#[tokio::test]
async fn a_disabled_key_refuses_until_it_is_enabled() {
    let (_aws, kms) = started().await;
    let key = symmetric(&kms).await;
    let sealed = kms.generate_data_key_without_plaintext().key_id(&key).number_of_bytes(32).send().await.unwrap();
    let sealed = sealed.ciphertext_blob.unwrap();
    kms.disable_key().key_id(&key).send().await.unwrap();
    let error = kms.generate_data_key().key_id(&key).number_of_bytes(32).send().await.unwrap_err();
    assert!(error.into_service_error().is_disabled_exception());
    let error = kms.decrypt().ciphertext_blob(sealed.clone()).send().await.unwrap_err();
    assert!(error.into_service_error().is_disabled_exception());
    let described = kms.describe_key().key_id(&key).send().await.unwrap().key_metadata.unwrap();
    assert_eq!((described.enabled, described.key_state), (false, Some(KeyState::Disabled)));
    kms.enable_key().key_id(&key).send().await.unwrap();
    kms.decrypt().ciphertext_blob(sealed).send().await.unwrap();
}

#[tokio::test]
async fn a_deletion_waits_can_be_taken_back_and_then_happens() {
    let (aws, kms) = started().await;
    let key = symmetric(&kms).await;
    kms.create_alias().alias_name("alias/doomed").target_key_id(&key).send().await.unwrap();
    let sealed = kms.encrypt().key_id(&key).plaintext(b"x".as_slice().into()).send().await.unwrap();
    let sealed = sealed.ciphertext_blob.unwrap();
    let short = kms.schedule_key_deletion().key_id(&key).pending_window_in_days(6).send().await;
    assert_eq!(code!(short), "ValidationException");
    let early = kms.cancel_key_deletion().key_id(&key).send().await;
    assert!(early.unwrap_err().into_service_error().is_kms_invalid_state_exception());
    let scheduled = kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.unwrap();
    assert_eq!(scheduled.key_state, Some(KeyState::PendingDeletion));
    assert!(scheduled.deletion_date.is_some());
    let error = kms.decrypt().ciphertext_blob(sealed.clone()).send().await.unwrap_err();
    assert!(error.into_service_error().is_kms_invalid_state_exception());
    let error = kms.enable_key().key_id(&key).send().await.unwrap_err();
    assert!(error.into_service_error().is_kms_invalid_state_exception());
    let error = kms.schedule_key_deletion().key_id(&key).send().await.unwrap_err();
    assert!(error.into_service_error().is_kms_invalid_state_exception());

    kms.cancel_key_deletion().key_id(&key).send().await.unwrap();
    let error = kms.decrypt().ciphertext_blob(sealed.clone()).send().await.unwrap_err();
    assert!(error.into_service_error().is_disabled_exception());

    kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.unwrap();
    aws.advance_clock(7 * DAY);
    let error = kms.describe_key().key_id("alias/doomed").send().await.unwrap_err();
    assert!(error.into_service_error().is_not_found_exception());
    let error = kms.decrypt().ciphertext_blob(sealed).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_ciphertext_exception());
}
