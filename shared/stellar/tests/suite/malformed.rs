//! Every malformed vector gets the verdict its legend asks for, within a second.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_stellar::{AccountKey, Envelope, EnvelopeError, Network, verify};

use crate::vectors::{GENERATED, MALFORMED, Malformed};

fn read_in_time(case: &Malformed) -> Result<Envelope, EnvelopeError> {
    let text = case.text();
    let begun = Instant::now();
    let verdict = Envelope::read(&text);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(1), "{}: {took:?}", case.name);
    verdict
}

#[test]
fn every_case_gets_the_verdict_of_its_legend() {
    let mut flipped = 0;
    for case in MALFORMED.iter() {
        let verdict = read_in_time(case);
        match case.expect.as_str() {
            "reject" | "reject-policy" => assert!(verdict.is_err(), "{} was read", case.name),
            "reject-verify" => {
                assert_eq!(verdict.unwrap_err(), EnvelopeError::Source, "{}", case.name);
                nobody_signs_for_the_source(case);
            }
            "accept-xdr" => assert!(verdict.is_ok(), "{}: {verdict:?}", case.name),
            "no-crash" => {}
            "reject-or-unverified" => {
                if let Ok(envelope) = verdict {
                    signatures_fail(case, &envelope);
                    flipped += 1;
                }
            }
            other => panic!("{}: no rule for {other}", case.name),
        }
    }
    assert!(flipped > 50, "{flipped}");
}

#[test]
fn what_the_network_would_refuse_is_refused_for_that_reason() {
    let reasons = [
        ("asset_code", EnvelopeError::AssetCode),
        ("amount/", EnvelopeError::Amount),
        ("depth/claim_predicate", EnvelopeError::ClaimPredicate),
        ("feebump_fee/", EnvelopeError::Fee),
    ];
    let mut seen = 0;
    for case in MALFORMED.iter().filter(|case| case.expect == "reject-policy") {
        let (_, reason) = reasons.iter().find(|(name, _)| case.name.starts_with(name)).unwrap();
        let verdict = Envelope::read(&case.text()).unwrap_err();
        assert!(verdict == *reason || verdict == EnvelopeError::TooDeep, "{}: {verdict}", case.name);
        seen += 1;
    }
    assert_eq!(seen, 10);
}

#[test]
fn a_refusal_says_why_in_a_few_plain_words() {
    for case in MALFORMED.iter() {
        let Err(error) = Envelope::read(&case.text()) else { continue };
        let shown = error.to_string();
        assert!(shown.len() <= 60 && shown.bytes().all(|byte| byte == b' ' || byte.is_ascii_alphanumeric()), "{shown}");
    }
}

#[test]
fn text_of_other_people_is_not_shown_when_an_envelope_is_debugged() {
    for case in MALFORMED.iter().filter(|case| case.name.starts_with("data_name/")) {
        if let Ok(envelope) = Envelope::read(&case.text()) {
            let shown = format!("{envelope:?}");
            assert!(shown.starts_with("Envelope { kind: V1, operations: 1") && shown.is_ascii(), "{shown}");
        }
    }
}

/// The source key of a v1 envelope lies after two discriminants.
fn nobody_signs_for_the_source(case: &Malformed) {
    let bytes = STANDARD.decode(case.text()).unwrap();
    let key: [u8; 32] = bytes[8..40].try_into().unwrap();
    let mut forged = [0; 64];
    forged[0] = 1;
    for signature in [[0; 64], forged] {
        assert!(!verify(&key, b"anything", &signature), "{}", case.name);
    }
}

/// The name ends in the number of the flipped bit. With it flipped back every signature is good, as it came not all are.
fn signatures_fail(case: &Malformed, envelope: &Envelope) {
    let bit: usize = case.name.rsplit_once('/').unwrap().1.parse().unwrap();
    let mut bytes = STANDARD.decode(case.text()).unwrap();
    bytes[bit / 8] ^= 1 << (bit % 8);
    let origin = Envelope::read(&STANDARD.encode(bytes)).unwrap();
    assert_eq!(good_signatures(&origin), origin.signature_count(), "{}", case.name);
    assert!(good_signatures(envelope) < envelope.signature_count().max(1), "{} is still signed", case.name);
}

/// How many of the keys that the vectors are made with have signed this envelope for the test network.
fn good_signatures(envelope: &Envelope) -> usize {
    let hash = envelope.hash(&Network::new("Test SDF Network ; September 2015"));
    let signers = GENERATED.iter().flat_map(|case| &case.signatures).map(|given| given.public_key.as_str());
    let signers: BTreeSet<_> = signers.collect();
    let keys = signers.into_iter().map(|key| AccountKey::from_strkey(key).unwrap());
    keys.filter(|key| envelope.signature_of(key.as_bytes(), &hash).is_some()).count()
}
