//! The generated envelopes: hash, signature and signed envelope byte for byte as the SDKs have them.

use std::collections::HashMap;

use countersign_local::demo::DemoPerson;
use reqwest::StatusCode;

use super::files::{Generated, generated};
use crate::{
    world::{TESTNET, World, text},
    xdr,
};

/// People by the Stellar secret of their session.
#[derive(Default)]
struct Signers(HashMap<String, DemoPerson>);

impl Signers {
    async fn of(&mut self, world: &World, secret: &str) -> DemoPerson {
        if let Some(known) = self.0.get(secret) {
            return known.clone();
        }
        let person = world.signer(Some(secret)).await;
        self.0.insert(secret.to_owned(), person.clone());
        person
    }
}

/// Every one of a network's envelopes; where several keys signed, one person after the other does.
async fn signs_as_the_sdks_do(world: &World, passphrase: &str, expected: usize) {
    let mut signers = Signers::default();
    let cases: Vec<Generated> = generated().into_iter().filter(|case| case.passphrase == passphrase).collect();
    assert_eq!(cases.len(), expected);
    assert_eq!(world.system.demo().network_passphrase, passphrase);
    for case in cases {
        let mut signed = case.unsigned_xdr.clone();
        for (place, given) in case.signatures.iter().enumerate() {
            let person = signers.of(world, &given.secret).await;
            assert_eq!(person.stellar_public_key.as_ref(), Some(&given.public_key), "{}", case.name);
            let (status, _, answer) = world.sign(&person.access_token, &signed).await;
            assert_eq!(status, StatusCode::OK, "{}: {answer}", case.name);
            assert_eq!(text(&answer, "hash"), case.hash, "{}", case.name);
            signed = text(&answer, "signed_xdr");
            let all = xdr::signatures(&signed);
            assert_eq!(all.len(), place + 1, "{}", case.name);
            assert_eq!(all[place], (given.hint.clone(), given.signature_hex.clone()), "{}", case.name);
        }
        assert_eq!(signed, case.signed_xdr, "{}", case.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn testnet_is_the_default_and_signs_as_the_sdks_do() {
    let world = World::start().await;
    signs_as_the_sdks_do(&world, TESTNET, 63).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_network_signs_as_the_sdks_do() {
    let passphrase = "Public Global Stellar Network ; September 2015";
    let world = World::with(&[("NETWORK_PASSPHRASE", passphrase)]).await;
    signs_as_the_sdks_do(&world, passphrase, 67).await;
    an_envelope_without_signatures_gets_one(&world, passphrase).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_of_ones_own_signs_as_the_sdks_do() {
    let passphrase = "Standalone Network ; February 2017";
    let world = World::with(&[("NETWORK_PASSPHRASE", passphrase)]).await;
    signs_as_the_sdks_do(&world, passphrase, 14).await;
    world.stop().await;
}

/// One vector is signed by nobody: its hash is checked all the same.
async fn an_envelope_without_signatures_gets_one(world: &World, passphrase: &str) {
    let bare = generated().into_iter().filter(|case| case.signatures.is_empty() && case.passphrase == passphrase);
    let bare: Vec<Generated> = bare.collect();
    assert_eq!(bare.len(), 1);
    let person = world.signer(None).await;
    let (status, _, answer) = world.sign(&person.access_token, &bare[0].unsigned_xdr).await;
    assert_eq!((status, text(&answer, "hash")), (StatusCode::OK, bare[0].hash.clone()));
    assert_eq!(xdr::unsigned(&text(&answer, "signed_xdr")), bare[0].signed_xdr);
    assert_eq!(xdr::signatures(&text(&answer, "signed_xdr")).len(), 1);
}
