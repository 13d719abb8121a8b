//! Keys in the spellings of others' libraries, and what is not a key.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Spelled>,
}

#[derive(Deserialize)]
struct Spelled {
    chain: Chain,
    raw: String,
    text: String,
    address: String,
    public_key: String,
}

fn spellings() -> Vec<Spelled> {
    serde_json::from_str::<Vectors>(include_str!("../../../tests/vectors/chains.json")).unwrap().keys
}

fn read(text: &str) -> Result<(TradingKey, Secret), VaultError> {
    TradingKey::read(&Secret::from(text.to_owned()))
}

fn refused(text: &str) -> &'static str {
    match read(text) {
        Err(VaultError::NotAKey(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{text} is taken for a key"),
    }
}

fn first(chain: Chain) -> Spelled {
    spellings().into_iter().find(|key| key.chain == chain).unwrap()
}

#[test]
fn every_chains_spelling_is_told_by_its_form() {
    assert_eq!(spellings().len(), 15);
    for key in spellings() {
        for text in [key.text.clone(), format!(" \n{}\r\n\t", key.text)] {
            let (read, secret) = read(&text).unwrap_or_else(|error| panic!("{}: {error}", key.address));
            assert_eq!(read.chain, key.chain);
            assert_eq!(read.address, key.address);
            assert_eq!(hex::encode(&read.public_key), key.public_key);
            assert_eq!(hex::encode(secret.expose()), key.raw);
            assert!(read.is_address(&key.address));
        }
    }
}

#[test]
fn one_key_has_one_digest_whatever_its_spelling_or_chain() {
    let keys = spellings();
    for (one, other) in keys.iter().flat_map(|one| keys.iter().map(move |other| (one, other))) {
        let digests = [one, other].map(|key| *read(&key.text).unwrap().0.digest());
        assert_eq!(digests[0] == digests[1], one.raw == other.raw);
    }
    let as_evm = read(&first(Chain::Solana).raw).unwrap().0;
    let as_solana = read(&first(Chain::Solana).text).unwrap().0;
    assert_eq!(as_evm.chain, Chain::Evm);
    assert_eq!(as_evm.digest(), as_solana.digest());
}

#[test]
fn an_evm_address_is_read_in_one_case_or_with_its_checksum() {
    let address = first(Chain::Evm).address;
    let key = read(&first(Chain::Evm).text).unwrap().0;
    let digits = address.strip_prefix("0x").unwrap();
    assert!(key.is_address(&address.to_lowercase()));
    assert!(key.is_address(&format!("0x{}", digits.to_uppercase())));
    let swapped: String = digits
        .chars()
        .map(|digit| if digit.is_ascii_lowercase() { digit.to_ascii_uppercase() } else { digit.to_ascii_lowercase() })
        .collect();
    for other in
        [format!("0x{swapped}"), digits.to_owned(), String::new(), format!("{address}0"), format!(" {address}")]
    {
        assert!(!key.is_address(&other), "{other}");
    }
    for chain in [Chain::Stellar, Chain::Solana] {
        let key = first(chain);
        assert!(!read(&key.text).unwrap().0.is_address(&key.address.to_lowercase()));
    }
}

#[test]
fn a_public_address_is_no_key() {
    assert_eq!(refused(&first(Chain::Stellar).address), IS_ADDRESS);
    assert_eq!(refused(&first(Chain::Evm).address), IS_ADDRESS);
    assert_eq!(refused(&first(Chain::Solana).address), IS_HALF);
}

#[test]
fn a_seed_of_solana_without_its_public_half_is_refused() {
    let seed = hex::decode(first(Chain::Solana).raw).unwrap();
    assert_eq!(refused(&bs58::encode(seed).into_string()), IS_HALF);
}

#[test]
fn a_key_pair_whose_halves_differ_is_refused() {
    let pairs: Vec<Vec<u8>> = spellings()
        .iter()
        .filter(|key| key.chain == Chain::Solana && key.text.starts_with('['))
        .map(|key| serde_json::from_str(&key.text).unwrap())
        .collect();
    let mixed = [&pairs[0][..32], &pairs[1][32..]].concat();
    assert_eq!(refused(&bs58::encode(&mixed).into_string()), NOT_SOLANA);
    assert_eq!(refused(&serde_json::to_string(&mixed).unwrap()), NOT_SOLANA);
    let short = &pairs[0][..63];
    let long = [pairs[0].as_slice(), &[1]].concat();
    for bytes in [short, &long, &pairs[0][..32], &[]] {
        assert_eq!(refused(&serde_json::to_string(bytes).unwrap()), NOT_SOLANA);
    }
    for text in ["[", "[]", "[256]", "[-1]", "[1.5]", "[\"1\"]", "[[1]]"] {
        assert_eq!(refused(text), NOT_SOLANA);
    }
}

#[test]
fn a_number_outside_the_curves_order_is_no_evm_key() {
    const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    const LAST: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
    assert_eq!(refused(&"0".repeat(64)), NOT_EVM);
    assert_eq!(refused(ORDER), NOT_EVM);
    assert_eq!(refused(&"f".repeat(64)), NOT_EVM);
    assert!(read(LAST).is_ok() && read(&format!("{}1", "0".repeat(63))).is_ok());
}

#[test]
fn a_stellar_key_with_a_wrong_checksum_is_refused() {
    let text = first(Chain::Stellar).text;
    let last = if text.ends_with('A') { "B" } else { "A" };
    assert_eq!(refused(&format!("{}{last}", &text[..55])), NOT_STELLAR);
}

#[test]
fn other_text_is_refused_without_being_repeated() {
    let words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    assert_eq!(refused(words), IS_WORDS);
    let long = "1".repeat(600);
    let texts = ["", "  ", "SECRET", "0x", "0x12", "0X07223f49", "é", &long, "{\"a\":1}", "T3CWSMBK", "0lIO"];
    for text in texts {
        let why = refused(text);
        assert!(text.trim().len() < 3 || !why.contains(text), "{why}");
    }
    assert!(matches!(TradingKey::read(&Secret::new(vec![0xff; 64])), Err(VaultError::NotAKey(FORMS))));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,120}") {
        let _either = read(&text);
    }

    #[test]
    fn a_key_cut_or_with_a_digit_changed_never_panics(key in 0_usize..15, place in 0_usize..400, digit in "[0-9A-Za-z,]") {
        let key = &spellings()[key];
        let place = place % key.text.len();
        let _cut = read(&key.text[..place]);
        let mut text = key.text.clone();
        text.replace_range(place..=place, &digit);
        if let Ok((read, _)) = read(&text) {
            // Base58, strkeys and pairs are checked; hex is any number.
            proptest::prop_assert!(read.chain == Chain::Evm || read.address == key.address);
        }
    }
}
