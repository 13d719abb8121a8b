//! Public keys of accounts: their strkeys, and what they signed.

use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use stellar_strkey::ed25519::{MuxedAccount as MuxedStrkey, PublicKey as PublicStrkey};
use stellar_xdr::{AccountId, MuxedAccount, PublicKey};

use crate::KeyError;

/// The Ed25519 public key that is an account's address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountKey([u8; 32]);

impl AccountKey {
    /// Takes a raw key.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Reads a `G…` strkey, or the account under an `M…` one (SEP-23, strictly: length, padding bits, checksum).
    ///
    /// # Errors
    /// [`KeyError::Account`] for anything else.
    pub fn from_strkey(text: &str) -> Result<Self, KeyError> {
        if text.starts_with('M') {
            return MuxedStrkey::from_string(text).map(|muxed| Self(muxed.ed25519)).map_err(|_| KeyError::Account);
        }
        PublicStrkey::from_string(text).map(|key| Self(key.0)).map_err(|_| KeyError::Account)
    }

    /// The `G…` strkey, 56 characters.
    #[must_use]
    pub fn to_strkey(&self) -> String {
        PublicStrkey(self.0).to_string().as_str().to_owned()
    }

    /// The raw key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is a point of the curve (RFC 8032 §5.1.3). Half of all 32-byte strings are none.
    pub(crate) fn is_on_curve(&self) -> bool {
        VerifyingKey::from_bytes(&self.0).is_ok()
    }

    /// Whether it is canonical (y below 2^255 − 19) and not of small order. Whether it is on the curve at all is asked
    /// by [`AccountKey::is_on_curve`], which costs a square root.
    ///
    /// The network refuses every signature of the others, so a transaction from them is never good.
    pub(crate) fn can_sign(&self) -> bool {
        let mut y = self.0;
        let [first, middle @ .., last] = &mut y;
        *last &= 0x7f;
        let not_canonical = *first >= 0xed && *last == 0x7f && middle.iter().all(|byte| *byte == 0xff);
        !not_canonical && !SMALL_ORDER.contains(&y)
    }
}

/// The canonical encodings of the points of order 1, 2, 4 and 8, without the sign bit of x.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

impl From<&MuxedAccount> for AccountKey {
    fn from(account: &MuxedAccount) -> Self {
        match account {
            MuxedAccount::Ed25519(key) => Self(key.0),
            MuxedAccount::MuxedEd25519(muxed) => Self(muxed.ed25519.0),
        }
    }
}

impl From<&AccountId> for AccountKey {
    fn from(AccountId(PublicKey::PublicKeyTypeEd25519(key)): &AccountId) -> Self {
        Self(key.0)
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PublicStrkey(self.0).to_string().as_str())
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountKey({self})")
    }
}

/// Whether the key signed the message (RFC 8032 §5.1.7, and strictly: no small-order key or R, no malleable s).
#[must_use]
pub fn verify(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    AccountKey(*public_key).can_sign()
        && VerifyingKey::from_bytes(public_key)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: u8, middle: u8, last: u8) -> AccountKey {
        let mut bytes = [middle; 32];
        bytes[0] = first;
        bytes[31] = last;
        AccountKey(bytes)
    }

    #[test]
    fn every_small_order_key_is_weak_by_the_curve_itself() {
        for bytes in SMALL_ORDER {
            assert!(VerifyingKey::from_bytes(&bytes).unwrap().is_weak(), "{bytes:?}");
            let mut other_sign = bytes;
            other_sign[31] |= 0x80;
            assert!(!AccountKey(bytes).can_sign() && !AccountKey(other_sign).can_sign());
        }
    }

    #[test]
    fn keys_at_and_above_the_prime_cannot_sign() {
        for first in 0xed..=0xff {
            assert!(!key(first, 0xff, 0x7f).can_sign());
            assert!(!key(first, 0xff, 0xff).can_sign());
        }
        assert!(key(0xeb, 0xff, 0x7f).can_sign());
        assert!(key(0xed, 0xff, 0x7e).can_sign());
        assert!(key(0xed, 0xfe, 0x7f).can_sign());
        assert!(key(2, 0, 0).can_sign());
    }

    #[test]
    fn shows_itself_as_a_strkey() {
        let text = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
        let account = AccountKey::from_strkey(text).unwrap();
        assert_eq!(account.to_string(), text);
        assert_eq!(account.to_strkey(), text);
        assert_eq!(format!("{account:?}"), format!("AccountKey({text})"));
    }
}
