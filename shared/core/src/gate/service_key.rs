//! Service keys: shown once, kept as a hash, two live while one is rotated.
//!
//! A key is `cs_<service id>_<43 characters base64url of 32 random bytes>`. The id says whose record to read and proves
//! nothing. One SHA-256 is the right hash here: it has to resist guessing, and 256 random bits cannot be guessed however
//! fast the hash is; a slow hash would only make each request slow.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::digest::{read_lower_hex, sha256};
use crate::{Secret, ServiceId};

const PREFIX: &str = "cs_";
/// How many keys of a service are live at most: the one in use, and its successor while it is rotated.
pub(super) const LIVE_KEYS: usize = 2;

/// What is stored of a service key: 64 lower-case hex digits of its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyHash([u8; 32]);

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(..)")
    }
}

impl From<KeyHash> for String {
    fn from(hash: KeyHash) -> Self {
        hex::encode(hash.0)
    }
}

impl TryFrom<String> for KeyHash {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        read_lower_hex(&text).map(Self).ok_or("a key hash is 64 lower-case hex digits")
    }
}

/// Makes a key from 32 bytes of a cryptographic random source: the key to show once, and what to store of it.
#[must_use]
pub fn mint(service_id: ServiceId, random: [u8; 32]) -> (Secret, KeyHash) {
    let random = Zeroizing::new(random);
    let text = format!("{PREFIX}{service_id}_{}", *Zeroizing::new(URL_SAFE_NO_PAD.encode(*random)));
    let hash = KeyHash(sha256(text.as_bytes()));
    (Secret::from(text), hash)
}

/// A key as presented: of the right form, not yet verified. The key itself is not kept, only its hash.
pub struct PresentedKey {
    service_id: ServiceId,
    hash: [u8; 32],
}

impl PresentedKey {
    /// Reads a key of the right form.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (id, random) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let service_id = id.parse().ok()?;
        let mut bytes = Zeroizing::new([0; 32]);
        // Exactly 32 bytes without padding and without stray bits have exactly one spelling, of 43 characters.
        let canonical = URL_SAFE_NO_PAD.decode_slice(random, bytes.as_mut_slice()) == Ok(32);
        canonical.then(|| Self { service_id, hash: sha256(text.as_bytes()) })
    }

    /// Whose record to read; not proven.
    #[must_use]
    pub fn service_id(&self) -> ServiceId {
        self.service_id
    }

    /// Compares with the first two live hashes, in the same time whichever of them is there or right.
    #[must_use]
    pub fn verify(&self, live: &[KeyHash]) -> bool {
        let mut right = Choice::from(0);
        for slot in 0..LIVE_KEYS {
            let stored = live.get(slot);
            let compared = self.hash.ct_eq(stored.map_or(&[0; 32], |stored| &stored.0));
            right |= compared & Choice::from(u8::from(stored.is_some()));
        }
        right.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> ServiceId {
        ServiceId::new(17).unwrap()
    }

    #[test]
    fn a_minted_key_is_read_and_verified() {
        let (key, hash) = mint(service(), [0xfb; 32]);
        let text = key.expose_str().unwrap();
        assert!(text.starts_with("cs_17_-_v7-_v7"), "the random part may hold the delimiter");
        let presented = PresentedKey::read(text).unwrap();
        assert_eq!(presented.service_id(), service());
        assert!(presented.verify(&[hash]));
        assert_eq!(serde_json::to_string(&hash).unwrap().len(), 66);
        assert_eq!(format!("{hash:?}"), "KeyHash(..)");
    }

    #[test]
    fn two_keys_live_a_third_does_not() {
        let keys: Vec<_> = (1..=3).map(|byte| mint(service(), [byte; 32])).collect();
        let hashes: Vec<_> = keys.iter().map(|key| key.1).collect();
        let verdicts = keys.iter().map(|key| PresentedKey::read(key.0.expose_str().unwrap()).unwrap().verify(&hashes));
        assert_eq!(verdicts.collect::<Vec<_>>(), [true, true, false]);
        assert!(!PresentedKey::read(keys[0].0.expose_str().unwrap()).unwrap().verify(&[]));
        let empty_slot = PresentedKey { service_id: service(), hash: [0; 32] };
        assert!(!empty_slot.verify(&[]), "an empty slot is no key");
    }

    #[test]
    fn the_id_is_part_of_what_is_hashed() {
        let (_, hash) = mint(service(), [1; 32]);
        let (other, _) = mint(ServiceId::new(18).unwrap(), [1; 32]);
        assert!(!PresentedKey::read(other.expose_str().unwrap()).unwrap().verify(&[hash]));
    }

    #[test]
    fn only_the_one_form_is_read() {
        let (key, _) = mint(service(), [0; 32]);
        let good = key.expose_str().unwrap();
        assert!(PresentedKey::read(good).is_some());
        let random = &good[6..];
        for bad in [
            String::new(),
            "cs_".to_owned(),
            format!("CS_17_{random}"),
            format!("cs_017_{random}"),
            format!("cs_+17_{random}"),
            format!("cs__{random}"),
            format!("cs_9007199254740992_{random}"),
            format!("{good}A"),
            format!("{good}="),
            format!(" {good}"),
            good[..good.len() - 1].to_owned(),
            format!("{}B", &good[..good.len() - 1]),
            format!("{}+", &good[..good.len() - 1]),
        ] {
            assert!(PresentedKey::read(&bad).is_none(), "{bad}");
        }
    }
}
