//! Transactions made by Anza's own library: ours reads, hashes and signs them byte for byte alike.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_solana::{Envelope, SolanaError};
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use serde::Deserialize;

/// Where `chains.py` writes them.
const VECTORS: &str = include_str!("../../../tests/vectors/chains.json");

#[derive(Deserialize)]
struct Vectors {
    solana: Vec<Case>,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    chain: String,
    raw: String,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    /// Seeds of all who must sign, in order.
    signers: Vec<String>,
    message: String,
    asked: String,
    signed: String,
    id: String,
    payer: String,
    outflow: Option<String>,
}

impl Case {
    fn keys(&self) -> impl Iterator<Item = SigningKey> {
        self.signers.iter().map(|seed| key(seed))
    }
}

fn key(seed: &str) -> SigningKey {
    let mut bytes = [0; 32];
    hex::decode_to_slice(seed, &mut bytes).unwrap();
    SigningKey::from_bytes(&bytes)
}

fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

fn vectors() -> Vectors {
    serde_json::from_str(VECTORS).unwrap()
}

/// The client's key in all cases.
fn ours() -> SigningKey {
    key(&vectors().keys.iter().find(|key| key.chain == "solana").unwrap().raw)
}

#[test]
fn a_signature_makes_the_very_transaction_the_others_make() {
    let ours = ours();
    let mut signed = 0;
    for case in vectors().solana {
        let envelope = Envelope::decode(&case.asked).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(STANDARD.encode(envelope.message()), case.message, "{}", case.name);
        assert_eq!(bs58(&envelope.fee_payer()), case.payer, "{}", case.name);
        let needed = case.keys().any(|key| key == ours);
        assert_eq!(envelope.needs(&public(&ours)), needed, "{}", case.name);
        let signature = ours.sign(envelope.message()).to_bytes();
        let done = envelope.sign_with(&public(&ours), signature);
        if needed {
            let done = done.unwrap();
            assert_eq!(done.raw_base64, case.signed, "{}", case.name);
            assert_eq!(done.id, Some(case.id), "{}", case.name);
            signed += 1;
        } else {
            assert_eq!(done, Err(SolanaError::NotASigner));
        }
    }
    assert!(signed >= 24, "{signed}");
}

#[test]
fn a_bare_message_signed_by_each_in_turn_is_the_same_transaction() {
    for case in vectors().solana {
        let mut text = case.message.clone();
        let mut id = None;
        for key in case.keys().collect::<Vec<_>>().iter().rev() {
            assert_eq!(id, None, "{}: the payer signs last here", case.name);
            let envelope = Envelope::decode(&text).unwrap();
            let signature = key.sign(envelope.message()).to_bytes();
            let done = envelope.sign_with(&public(key), signature).unwrap();
            (text, id) = (done.raw_base64, done.id);
        }
        assert_eq!((text, id), (case.signed, Some(case.id)), "{}", case.name);
    }
}

#[test]
fn what_stands_in_the_payers_slot_names_the_transaction_only_where_it_is_the_payers() {
    let case = vectors().solana.into_iter().find(|case| case.name == "paid by another, v0").unwrap();
    let (ours, payer) = (ours(), case.keys().next().unwrap());
    let id_with = |slot: [u8; 64]| {
        let mut bytes = STANDARD.decode(&case.asked).unwrap();
        bytes[1..65].copy_from_slice(&slot);
        let envelope = Envelope::decode(&STANDARD.encode(bytes)).unwrap();
        let signature = ours.sign(envelope.message()).to_bytes();
        envelope.sign_with(&public(&ours), signature).unwrap().id
    };
    let message = STANDARD.decode(&case.message).unwrap();
    assert_eq!(id_with(payer.sign(&message).to_bytes()), Some(case.id.clone()));
    for (slot, what) in [
        ([0; 64], "nothing"),
        ([7; 64], "something"),
        (payer.sign(b"another message").to_bytes(), "its signature of another message"),
        (ours.sign(&message).to_bytes(), "another's signature"),
    ] {
        assert_eq!(id_with(slot), None, "{what}");
    }
}

#[test]
fn what_leaves_the_account_is_what_was_put_in() {
    let ours = public(&ours());
    for case in vectors().solana {
        let outflow = Envelope::decode(&case.asked).unwrap().outflow(&ours);
        assert_eq!(outflow.map(|lamports| lamports.to_string()), case.outflow, "{}", case.name);
    }
}

#[test]
fn a_transaction_cut_anywhere_or_with_more_after_it_is_refused() {
    for case in vectors().solana {
        for text in [&case.asked, &case.message] {
            let bytes = STANDARD.decode(text).unwrap();
            for length in 0..bytes.len() {
                assert!(Envelope::decode(&STANDARD.encode(&bytes[..length])).is_err(), "{} at {length}", case.name);
            }
            for more in [0, 1, 0x80, 0xff] {
                let longer = [bytes.as_slice(), &[more]].concat();
                assert!(Envelope::decode(&STANDARD.encode(longer)).is_err(), "{} and {more}", case.name);
            }
        }
    }
}

#[test]
fn base64_is_canonical() {
    let case = &vectors().solana[0];
    assert!(Envelope::decode(&case.asked).is_ok());
    for text in [format!(" {}", case.asked), format!("{}\n", case.asked), case.asked.replace('=', ""), "=".into()] {
        if text != case.asked {
            assert_eq!(Envelope::decode(&text).err(), Some(SolanaError::NotBase64));
        }
    }
    assert_eq!(Envelope::decode(&"A".repeat(4000)).err(), Some(SolanaError::TooLarge));
}

fn bs58(key: &[u8; 32]) -> String {
    bs58::encode(key).into_string()
}

/// One signer, one program, one instruction: the smallest message, to be bent.
fn small() -> Vec<u8> {
    let mut bytes = vec![1, 0, 1, 2];
    bytes.extend([7; 32]);
    bytes.extend([0; 32]);
    bytes.extend([9; 32]);
    bytes.extend([1, 1, 1, 0, 0]);
    bytes
}

fn refused(bytes: &[u8]) -> Option<SolanaError> {
    Envelope::decode(&STANDARD.encode(bytes)).err()
}

#[test]
fn what_no_node_would_take_is_refused() {
    assert_eq!(refused(&small()), None);
    let bent = |place: usize, value: u8| {
        let mut bytes = small();
        bytes[place] = value;
        // As version 0, so that it is read as a bare message alone.
        refused(&[&[0x80], bytes.as_slice(), &[0]].concat())
    };
    assert_eq!(bent(0, 1), None);
    assert_eq!(bent(0, 0), Some(SolanaError::Header), "nobody signs");
    assert_eq!(bent(0, 3), Some(SolanaError::Header), "more signers than keys");
    assert_eq!(bent(1, 1), Some(SolanaError::Header), "the payer is read alone");
    assert_eq!(bent(2, 2), Some(SolanaError::Header), "more read alone than there are");
    let instruction = 4 + 64 + 32;
    assert_eq!(bent(instruction + 1, 0), Some(SolanaError::Index), "the payer as program");
    assert_eq!(bent(instruction + 1, 2), Some(SolanaError::Index), "a program that is not there");
    assert_eq!(bent(instruction + 3, 2), Some(SolanaError::Index), "an account that is not there");
    let mut twice = small();
    twice[4..36].fill(0);
    assert_eq!(refused(&[&[0x80], twice.as_slice(), &[0]].concat()), Some(SolanaError::Duplicate));
    assert_eq!(refused(&[&[0x81], small().as_slice(), &[0]].concat()), Some(SolanaError::Version));
    let empty_lookup = [&[0x80], small().as_slice(), &[1], &[5; 32], &[0, 0]].concat();
    assert_eq!(refused(&empty_lookup), Some(SolanaError::Lookup));
}

#[test]
fn slots_are_as_many_as_the_header_says() {
    let with = |slots: u8| refused(&[&[slots], vec![0; 64 * usize::from(slots)].as_slice(), &small()].concat());
    assert_eq!(with(1), None);
    assert_eq!(with(2), Some(SolanaError::Slots));
    assert!(with(0).is_some());
}

#[test]
fn bytes_that_are_a_transaction_and_a_bare_message_at_once_are_refused() {
    // The slot begins as a message's header and keys; the first key ends as its instructions begin.
    let mut slot = [5; 64];
    slot[..3].copy_from_slice(&[0, 1, 2]);
    let mut message = small();
    message[35] = 1; // one instruction
    message[36..39].copy_from_slice(&[1, 0, 66]); // its program, no account, data up to the end
    let both = [&[1], slot.as_slice(), &message].concat();
    assert_eq!(refused(&both), Some(SolanaError::Ambiguous));
    message[38] = 65;
    assert_eq!(refused(&[&[1], slot.as_slice(), &message].concat()), None, "the end tells");
}

#[test]
fn lengths_are_in_their_shortest_form_and_never_past_the_end() {
    let mut long = small();
    long.splice(3..4, [0x82, 0x00]); // two keys, in two bytes
    assert_eq!(refused(&[&[0x80], long.as_slice(), &[0]].concat()), Some(SolanaError::Length));
    let mut huge = small();
    huge.splice(3..4, [0xff, 0xff, 0x03]); // 65 535 keys
    assert_eq!(refused(&[&[0x80], huge.as_slice(), &[0]].concat()), Some(SolanaError::Truncated));
}

#[test]
fn with_its_signatures_it_fits_a_packet() {
    let filled = |data: usize| {
        let mut bytes = small();
        let length = [u8::try_from(data & 0x7f).unwrap() | 0x80, u8::try_from(data >> 7).unwrap()];
        bytes.truncate(bytes.len() - 1);
        bytes.extend(length);
        bytes.extend(vec![0; data]);
        refused(&bytes)
    };
    let room = 1232 - 65 - small().len() - 1;
    assert_eq!(filled(room), None);
    assert_eq!(filled(room + 1), Some(SolanaError::TooLarge), "65 bytes of the slot count too");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn flipped_bits_never_panic_and_are_signed_as_they_stand(
        case in 0_usize..32, flips in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..4),
    ) {
        let cases = vectors().solana;
        let mut bytes = STANDARD.decode(&cases[case % cases.len()].asked).unwrap();
        for (index, bit) in flips {
            let place = index.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        if let Ok(envelope) = Envelope::decode(&STANDARD.encode(&bytes)) {
            // What is signed is the end of what was sent: no second spelling of it is made.
            prop_assert!(bytes.ends_with(envelope.message()));
            let payer = envelope.fee_payer();
            let _read = envelope.outflow(&payer);
            prop_assert!(envelope.sign_with(&payer, [1; 64]).is_ok());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..1300)) {
        let _either = Envelope::decode(&STANDARD.encode(&bytes));
    }
}
