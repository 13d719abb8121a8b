//! Envelopes that other projects published: signed again as published, or signed beside what they carry.

use std::collections::{BTreeMap, HashMap};

use reqwest::StatusCode;
use serde::Deserialize;

use super::files::published;
use crate::{
    world::{World, signed_by, text},
    xdr,
};

#[derive(Deserialize)]
struct ThirdParty {
    passphrases: HashMap<String, String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    repo: String,
    path: String,
    line: u32,
    xdr: String,
    hashes: HashMap<String, String>,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    hint: String,
    signature: String,
    verified: bool,
    network: Option<String>,
    secret: Option<String>,
}

impl Case {
    fn place(&self) -> String {
        format!("{} {}:{}", self.repo, self.path, self.line)
    }

    /// The network that its signatures are for; the test network where they do not say.
    fn network(&self) -> String {
        let named = self.signatures.iter().find_map(|given| given.network.clone());
        named.unwrap_or_else(|| "TESTNET".into())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn third_party_envelopes_are_signed_as_published_and_keep_their_signatures() {
    let Some(file) = published::<ThirdParty>("stellar_xdr_thirdparty.json") else { return };
    assert_eq!(file.cases.len(), 180);
    let mut networks: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
    for case in &file.cases {
        networks.entry(case.network()).or_default().push(case);
    }
    let (mut again, mut beside) = (0, 0);
    for (network, cases) in networks {
        let passphrase = network.strip_prefix("custom:").unwrap_or_else(|| &file.passphrases[&network]);
        let world = World::with(&[("NETWORK_PASSPHRASE", passphrase)]).await;
        for case in cases {
            again += signs_again(&world, case, &network).await;
            signs_beside(&world, case, &network, passphrase).await;
            beside += 1;
        }
        world.stop().await;
    }
    assert_eq!((again, beside), (65, 180));
}

/// Each published secret gives its own published signature, and adds none where that is there already.
async fn signs_again(world: &World, case: &Case, network: &str) -> usize {
    let mut count = 0;
    for given in case.signatures.iter().filter(|given| given.verified) {
        let Some(secret) = &given.secret else { continue };
        let person = world.signer(Some(secret)).await;
        let bare = xdr::unsigned(&case.xdr);
        let (status, _, answer) = world.sign(&person.access_token, &bare).await;
        assert_eq!(status, StatusCode::OK, "{}: {answer}", case.place());
        assert_eq!(text(&answer, "hash"), case.hashes[network], "{}", case.place());
        let own = xdr::signatures(&text(&answer, "signed_xdr"));
        assert_eq!(own, [(given.hint.clone(), given.signature.clone())], "{}", case.place());
        let (status, _, answer) = world.sign(&person.access_token, &case.xdr).await;
        assert_eq!((status, text(&answer, "signed_xdr")), (StatusCode::OK, case.xdr.clone()), "{}", case.place());
        count += 1;
    }
    count
}

/// Another key's signature comes behind what is there; that stays as it is, whether it verifies or not.
async fn signs_beside(world: &World, case: &Case, network: &str, passphrase: &str) {
    let person = world.signer(None).await;
    let (status, _, answer) = world.sign(&person.access_token, &case.xdr).await;
    assert_eq!(status, StatusCode::OK, "{}: {answer}", case.place());
    assert_eq!(text(&answer, "hash"), case.hashes[network], "{}", case.place());
    let signed = text(&answer, "signed_xdr");
    assert_eq!(xdr::unsigned(&signed), xdr::unsigned(&case.xdr), "{}", case.place());
    let (before, after) = (xdr::signatures(&case.xdr), xdr::signatures(&signed));
    let published: Vec<_> = case.signatures.iter().map(|given| (given.hint.clone(), given.signature.clone())).collect();
    assert_eq!(before, published, "{}", case.place());
    assert_eq!((after.len(), &after[..before.len()]), (before.len() + 1, &before[..]), "{}", case.place());
    signed_by(&signed, &case.xdr, passphrase, person.stellar_public_key.as_deref().unwrap()).unwrap();
}
