//! KMS signatures and message codes, checked by other code than made them.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey},
};
use aws_sdk_kms::{
    Client,
    primitives::Blob,
    types::{KeySpec, KeyUsageType, MacAlgorithmSpec, MessageType, SigningAlgorithmSpec},
};
use countersign_local_aws::LocalAws;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha512};

use crate::{
    cloud::{code, kms, start},
    kms_keys::{make, symmetric},
};

async fn started(spec: KeySpec) -> (LocalAws, Client, String) {
    let aws = start().await;
    let kms = kms(&aws);
    let key = make(&kms, spec, KeyUsageType::SignVerify).await;
    (aws, kms, key)
}

async fn sign(kms: &Client, key: &str, how: (SigningAlgorithmSpec, MessageType), message: &[u8]) -> Blob {
    let request = kms.sign().key_id(key).signing_algorithm(how.0).message_type(how.1).message(Blob::new(message));
    request.send().await.unwrap().signature.unwrap()
}

async fn public_key(kms: &Client, key: &str) -> Vec<u8> {
    let told = kms.get_public_key().key_id(key).send().await.unwrap();
    assert_eq!(told.key_usage, Some(KeyUsageType::SignVerify));
    assert!(!told.signing_algorithms().is_empty() && told.key_spec.is_some());
    told.public_key.unwrap().into_inner()
}

#[tokio::test]
async fn ed25519_signatures_hold_outside_kms() {
    let (_aws, kms, key) = started(KeySpec::EccNistEdwards25519).await;
    let info = public_key(&kms, &key).await;
    assert_eq!(hex::encode(&info[..12]), "302a300506032b6570032100");
    let outside = VerifyingKey::try_from(&info[12..]).unwrap();
    let raw = (SigningAlgorithmSpec::Ed25519Sha512, MessageType::Raw);
    let signature = sign(&kms, &key, raw.clone(), b"hash").await;
    assert_eq!(signature, sign(&kms, &key, raw, b"hash").await);
    outside.verify_strict(b"hash", &Signature::from_slice(signature.as_ref()).unwrap()).unwrap();

    let prehashed = (SigningAlgorithmSpec::Ed25519PhSha512, MessageType::Digest);
    let message = Sha512::digest(b"message");
    let signature = sign(&kms, &key, prehashed, &message).await;
    let signature = Signature::from_slice(signature.as_ref()).unwrap();
    outside.verify_prehashed_strict(Sha512::new_with_prefix(message), None, &signature).unwrap();
}

#[tokio::test]
async fn p256_signatures_hold_outside_kms_for_messages_and_digests() {
    let (_aws, kms, key) = started(KeySpec::EccNistP256).await;
    let info = public_key(&kms, &key).await;
    assert_eq!(info.len(), 91);
    let outside = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &info[26..]);
    // The whole SubjectPublicKeyInfo is readable as well.
    let parsed = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &info);
    let message = b"a longer message";
    let hash = digest(&SHA256, message);
    let cases = [(MessageType::Raw, message.as_slice()), (MessageType::Digest, hash.as_ref())];
    for (message_type, sent) in cases {
        let signature = sign(&kms, &key, (SigningAlgorithmSpec::EcdsaSha256, message_type), sent).await;
        outside.verify(message, signature.as_ref()).unwrap();
        parsed.verify(message, signature.as_ref()).unwrap();
        for (checked_type, checked) in [(MessageType::Raw, message.as_slice()), (MessageType::Digest, hash.as_ref())] {
            let verified = kms
                .verify()
                .key_id(&key)
                .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
                .message_type(checked_type)
                .message(Blob::new(checked))
                .signature(signature.clone())
                .send()
                .await
                .unwrap();
            assert!(verified.signature_valid);
        }
    }
}

#[tokio::test]
async fn a_signature_over_something_else_does_not_verify() {
    let (_aws, kms, key) = started(KeySpec::EccNistEdwards25519).await;
    let other = make(&kms, KeySpec::EccNistEdwards25519, KeyUsageType::SignVerify).await;
    let raw = (SigningAlgorithmSpec::Ed25519Sha512, MessageType::Raw);
    let signature = sign(&kms, &key, raw, b"hash").await;
    let verify = |key: &str, message: &'static str, signature: &Blob| {
        let request = kms.verify().key_id(key).signing_algorithm(SigningAlgorithmSpec::Ed25519Sha512);
        request.message(Blob::new(message)).signature(signature.clone()).send()
    };
    assert!(verify(&key, "hash", &signature).await.unwrap().signature_valid);
    let mut flipped = signature.clone().into_inner();
    flipped[40] ^= 1;
    let wrong = [(&key, "hush", signature.clone()), (&other, "hash", signature), (&key, "hash", Blob::new(flipped))];
    for (key, message, signature) in wrong {
        let error = verify(key, message, &signature).await.unwrap_err().into_service_error();
        assert!(error.is_kms_invalid_signature_exception(), "{error:?}");
    }
}

#[tokio::test]
async fn algorithm_message_type_and_size_must_go_together() {
    let (_aws, kms, key) = started(KeySpec::EccNistEdwards25519).await;
    let p256 = make(&kms, KeySpec::EccNistP256, KeyUsageType::SignVerify).await;
    let attempt = |key: &str, algorithm: SigningAlgorithmSpec, message_type: MessageType, size: usize| {
        let request = kms.sign().key_id(key).signing_algorithm(algorithm).message_type(message_type);
        request.message(Blob::new(vec![7; size])).send()
    };
    use MessageType::{Digest, Raw};
    use SigningAlgorithmSpec::{EcdsaSha256, EcdsaSha384, Ed25519PhSha512, Ed25519Sha512};
    let refused = [
        (&key, Ed25519Sha512, Digest, 64),
        (&key, Ed25519PhSha512, Raw, 64),
        (&key, Ed25519PhSha512, Digest, 63),
        (&p256, EcdsaSha256, Digest, 31),
        (&p256, EcdsaSha256, Raw, 4_097),
        (&p256, EcdsaSha256, Raw, 0),
        (&p256, SigningAlgorithmSpec::from("NONSENSE"), Raw, 1),
    ];
    for (key, algorithm, message_type, size) in refused {
        let result = attempt(key, algorithm.clone(), message_type, size).await;
        assert_eq!(code!(result), "ValidationException", "{algorithm:?} {size}");
    }
    for (key, algorithm) in [(&key, EcdsaSha256), (&p256, Ed25519Sha512), (&p256, EcdsaSha384)] {
        let error = attempt(key, algorithm, Raw, 32).await.unwrap_err().into_service_error();
        assert!(error.is_invalid_key_usage_exception(), "{error:?}");
    }
    attempt(&key, Ed25519Sha512, Raw, 4_096).await.unwrap();
}

#[tokio::test]
async fn only_enabled_signing_keys_sign_and_show_a_public_key() {
    let (_aws, kms, key) = started(KeySpec::EccNistEdwards25519).await;
    let sealer = symmetric(&kms).await;
    let sign = |key: &str| {
        let request = kms.sign().key_id(key).signing_algorithm(SigningAlgorithmSpec::Ed25519Sha512);
        request.message(Blob::new("x")).send()
    };
    assert!(sign(&sealer).await.unwrap_err().into_service_error().is_invalid_key_usage_exception());
    let error = kms.get_public_key().key_id(&sealer).send().await.unwrap_err();
    assert!(error.into_service_error().is_unsupported_operation_exception());
    kms.disable_key().key_id(&key).send().await.unwrap();
    assert!(sign(&key).await.unwrap_err().into_service_error().is_disabled_exception());
    let error = kms.get_public_key().key_id(&key).send().await.unwrap_err();
    assert!(error.into_service_error().is_disabled_exception());
    kms.schedule_key_deletion().key_id(&key).send().await.unwrap();
    assert!(sign(&key).await.unwrap_err().into_service_error().is_kms_invalid_state_exception());
    let unknown = "7a1e9d2c-1111-4222-8333-944445555666";
    assert!(sign(unknown).await.unwrap_err().into_service_error().is_not_found_exception());
}

#[tokio::test]
async fn message_codes_are_made_and_checked() {
    let aws = start().await;
    let kms = kms(&aws);
    let key = make(&kms, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac).await;
    let other = make(&kms, KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac).await;
    let generate = |key: &str, algorithm| {
        kms.generate_mac().key_id(key).mac_algorithm(algorithm).message(Blob::new("message")).send()
    };
    let mac = generate(&key, MacAlgorithmSpec::HmacSha256).await.unwrap().mac.unwrap();
    assert_eq!(mac.as_ref().len(), 32);
    assert_ne!(mac, generate(&other, MacAlgorithmSpec::HmacSha256).await.unwrap().mac.unwrap());
    let verify = |message: &'static str| {
        let request = kms.verify_mac().key_id(&key).mac_algorithm(MacAlgorithmSpec::HmacSha256).mac(mac.clone());
        request.message(Blob::new(message)).send()
    };
    assert!(verify("message").await.unwrap().mac_valid);
    assert!(verify("massage").await.unwrap_err().into_service_error().is_kms_invalid_mac_exception());
    let error = generate(&key, MacAlgorithmSpec::HmacSha512).await.unwrap_err();
    assert!(error.into_service_error().is_invalid_key_usage_exception());
    let sealer = symmetric(&kms).await;
    let error = generate(&sealer, MacAlgorithmSpec::HmacSha256).await.unwrap_err();
    assert!(error.into_service_error().is_invalid_key_usage_exception());
}
