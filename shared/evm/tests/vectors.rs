//! Transactions made by the Ethereum Foundation's library: ours reads, hashes and signs them byte for byte alike.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_evm::{EvmError, Kind, Transaction};
use k256::ecdsa::{RecoveryId, Signature, SigningKey};
use proptest::prelude::*;
use serde::Deserialize;

/// Where `chains.py` writes them.
const VECTORS: &str = include_str!("../../../tests/vectors/chains.json");

#[derive(Deserialize)]
struct Vectors {
    evm: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    key: String,
    unsigned: String,
    hash_to_sign: String,
    signed: String,
    hash: String,
    chain_id: u64,
    nonce: String,
    to: Option<String>,
    outflow: Option<String>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str::<Vectors>(VECTORS).unwrap().evm
}

fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap()
}

fn signature(key: &str, hash: &[u8; 32]) -> ([u8; 64], bool) {
    let key = SigningKey::from_slice(&hex::decode(key).unwrap()).unwrap();
    let (signature, recovery): (Signature, RecoveryId) = key.sign_prehash_recoverable(hash).unwrap();
    (signature.to_bytes().into(), recovery.is_y_odd())
}

#[test]
fn a_signature_makes_the_very_transaction_the_others_make() {
    let cases = cases();
    assert!(cases.len() >= 24);
    for case in cases {
        let transaction = Transaction::decode(&case.unsigned).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let hash = transaction.signing_hash();
        assert_eq!(hex::encode(hash), case.hash_to_sign, "{}", case.name);
        let (r_s, y_odd) = signature(&case.key, &hash);
        let signed = transaction.sign_with(&r_s, y_odd).unwrap();
        assert_eq!(signed.raw_hex, format!("0x{}", case.signed), "{}", case.name);
        assert_eq!(signed.hash, format!("0x{}", case.hash), "{}", case.name);
    }
}

#[test]
fn its_fields_are_what_was_put_in() {
    for case in cases() {
        let transaction = Transaction::decode(&format!("0x{}", case.unsigned.to_uppercase())).unwrap();
        assert_eq!(transaction.chain_id(), case.chain_id, "{}", case.name);
        assert_eq!(transaction.nonce().to_string(), case.nonce, "{}", case.name);
        assert_eq!(transaction.to(), case.to, "{}", case.name);
        assert_eq!(transaction.outflow().map(|wei| wei.to_string()), case.outflow, "{}", case.name);
        let kind = match transaction.kind() {
            Kind::Legacy => "legacy",
            Kind::Eip2930 => "eip2930",
            Kind::Eip1559 => "eip1559",
        };
        assert!(case.name.ends_with(kind), "{}", case.name);
    }
}

#[test]
fn short_halves_of_a_signature_lose_their_zeros() {
    let transaction = Transaction::decode(&case("a payment, eip1559").unsigned).unwrap();
    let mut r_s = [0; 64];
    r_s[31] = 0x7f;
    r_s[62] = 1;
    let signed = transaction.sign_with(&r_s, true).unwrap();
    assert!(signed.raw_hex.ends_with("017f820100"), "{}", signed.raw_hex);
}

#[test]
fn a_transaction_cut_anywhere_or_with_more_after_it_is_refused() {
    for case in cases() {
        let bytes = hex::decode(&case.unsigned).unwrap();
        for length in 0..bytes.len() {
            assert!(Transaction::decode(&hex::encode(&bytes[..length])).is_err(), "{} at {length}", case.name);
        }
        for more in ["00", "80", "c0", "01"] {
            let longer = Transaction::decode(&format!("{}{more}", case.unsigned));
            assert_eq!(longer.err(), Some(EvmError::TrailingBytes), "{}", case.name);
        }
    }
}

fn refused(text: &str) -> Option<EvmError> {
    Transaction::decode(text).err()
}

#[test]
fn a_signed_transaction_is_refused() {
    for case in cases() {
        assert_eq!(refused(&case.signed), Some(EvmError::AlreadySigned), "{}", case.name);
    }
}

#[test]
fn what_could_be_replayed_or_hands_the_account_over_is_refused_by_name() {
    // Nonce 1, price 2, gas 3, to, value 4, no data: six fields.
    let to = format!("94{}", "11".repeat(20));
    assert_eq!(refused(&format!("da010203{to}0480")), Some(EvmError::NoChainId));
    assert_eq!(refused("03c0"), Some(EvmError::Blob));
    assert_eq!(refused("0x04c0"), Some(EvmError::SetCode));
    for other in ["00c0", "05c0", "7fc0"] {
        assert_eq!(refused(other), Some(EvmError::UnknownType));
    }
    assert!(EvmError::NoChainId.to_string().contains("replayed"));
}

/// A legacy transaction of nine fields with this one in place of one of them.
fn with(place: usize, field: &str) -> Option<EvmError> {
    let to = format!("94{}", "11".repeat(20));
    let mut fields = ["01", "02", "03", &to, "04", "80", "05", "80", "80"];
    fields[place] = field;
    let payload = fields.concat();
    let length = payload.len() / 2;
    let header = if length < 56 { format!("{:02x}", 0xc0 + length) } else { format!("f8{length:02x}") };
    refused(&format!("{header}{payload}"))
}

#[test]
fn every_field_has_one_spelling_and_its_length() {
    assert_eq!(with(0, "01"), None);
    assert_eq!(with(0, "88fffffffffffffffe"), None);
    let cases = [
        (0, "00", EvmError::NotRlp, "a leading zero"),
        (0, "8101", EvmError::NotRlp, "a small number in two bytes"),
        (0, "820001", EvmError::NotRlp, "a leading zero in two bytes"),
        (0, "b801ff", EvmError::NotRlp, "a long form of a short string"),
        (0, "c0", EvmError::NotRlp, "a list for a number"),
        (0, "89010000000000000000", EvmError::FieldLength, "a nonce of 65 bits"),
        (0, "88ffffffffffffffff", EvmError::Nonce, "the nonce that EIP-2681 leaves out"),
        (2, "89010000000000000000", EvmError::FieldLength, "gas of 65 bits"),
        (3, "931111111111111111111111111111111111111111", EvmError::NotRlp, "a cut address"),
        (3, "8411111111", EvmError::To, "an address of four bytes"),
        (6, "89010000000000000000", EvmError::FieldLength, "a chain id of 65 bits"),
        (6, "80", EvmError::ChainId, "no chain"),
        (7, "01", EvmError::AlreadySigned, "an r"),
        (8, "01", EvmError::AlreadySigned, "an s"),
    ];
    for (place, field, error, why) in cases {
        let refused = with(place, field);
        assert!(refused == Some(error) || (why == "a cut address" && refused.is_some()), "{why}: {refused:?}");
    }
    let value_of_264_bits = format!("a1{}", "01".repeat(33));
    assert_eq!(with(4, &value_of_264_bits), Some(EvmError::FieldLength));
}

#[test]
fn lengths_past_the_end_and_long_texts_are_refused() {
    for text in ["f8ff", "f9ffff", "ffffffffffffffffff", "bfffffffffffffffff", "02ffffffffffffffffff", "f7", "", "0x"] {
        assert!(refused(text).is_some(), "{text}");
    }
    assert_eq!(refused(&"0".repeat(128 * 1024 + 2)), Some(EvmError::TooLarge));
    for text in ["0", "zz", "0x0x", " 02c0", "02c0\n", "0X02c0"] {
        assert_eq!(refused(text), Some(EvmError::NotHex), "{text}");
    }
}

#[test]
fn a_tip_above_the_most_and_a_bent_access_list_are_refused() {
    // chain 1, nonce 0, tip 2, most 1, gas 0, no to, value 0, no data, no list.
    assert_eq!(refused("02c90180020180808080c0"), Some(EvmError::Tip));
    assert_eq!(refused("02c90180010280808080c0"), None);
    for list in ["c1c0", "c2c180", "c3c280c0", "c101", "80"] {
        let length = 8 + list.len() / 2;
        assert!(refused(&format!("02{:02x}0180010280808080{list}", 0xc0 + length)).is_some(), "{list}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn flipped_bits_never_panic_and_are_signed_as_they_stand(
        case in 0_usize..64, flips in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..4),
    ) {
        let cases = cases();
        let mut bytes = hex::decode(&cases[case % cases.len()].unsigned).unwrap();
        for (index, bit) in flips {
            let place = index.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        if let Ok(transaction) = Transaction::decode(&hex::encode(&bytes)) {
            let hash = transaction.signing_hash();
            let signed = transaction.clone().sign_with(&[1; 64], true).unwrap();
            prop_assert_ne!(signed.hash, format!("0x{}", hex::encode(hash)));
            prop_assert_eq!(refused(&signed.raw_hex), Some(EvmError::AlreadySigned));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(prefix in 0_u8..=4, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _either = Transaction::decode(&hex::encode([&[prefix], bytes.as_slice()].concat()));
        let _either = Transaction::decode(&hex::encode(bytes));
    }
}
