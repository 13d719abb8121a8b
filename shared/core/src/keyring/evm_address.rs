//! Addresses of EVM chains: the last 20 bytes of a public key's Keccak-256, spelled with EIP-55's checksum.

use std::fmt;

use sha3::{Digest as _, Keccak256};

/// An account or a contract on an EVM chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EvmAddress([u8; 20]);

impl EvmAddress {
    /// Takes the raw 20 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The address of an uncompressed public key: x and y, without SEC1's first byte.
    #[must_use]
    pub fn of_public_key(point: &[u8; 64]) -> Self {
        let [_, _, _, _, _, _, _, _, _, _, _, _, address @ ..] = <[u8; 32]>::from(Keccak256::digest(point));
        Self(address)
    }

    /// Reads `0x` and 40 hex digits, all of one case or with the right checksum (EIP-55).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x")?;
        let mut bytes = [0; 20];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        let one_case = !(digits.contains(|digit: char| digit.is_ascii_lowercase())
            && digits.contains(|digit: char| digit.is_ascii_uppercase()));
        let address = Self(bytes);
        (one_case || address.to_string() == text).then_some(address)
    }
}

impl fmt::Display for EvmAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = hex::encode(self.0);
        let digest = hex::encode(Keccak256::digest(&digits));
        f.write_str("0x")?;
        // EIP-55: a letter is upper-case where the same place of the digest is 8 or more.
        digits.chars().zip(digest.chars()).try_for_each(|(digit, place)| {
            fmt::Write::write_char(f, if place >= '8' { digit.to_ascii_uppercase() } else { digit })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EIP-55's own examples.
    const EXAMPLES: [&str; 8] = [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn the_examples_of_eip_55_are_spelled_so() {
        for text in EXAMPLES {
            let address = EvmAddress::read(text).unwrap();
            assert_eq!(address.to_string(), text);
            assert_eq!(EvmAddress::read(&text.to_lowercase()), Some(address));
        }
    }

    #[test]
    fn a_wrong_checksum_length_or_prefix_is_no_address() {
        let good = EXAMPLES[4];
        let wrong_case = good.replacen('a', "A", 1);
        let cut = &good[..41];
        let long = format!("{good}0");
        for text in [&wrong_case, cut, &long, &good[2..], "", "0x", &good.replace("0x", "0X")] {
            assert_eq!(EvmAddress::read(text), None, "{text}");
        }
    }
}
