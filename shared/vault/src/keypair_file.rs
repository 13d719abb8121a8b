//! The file of `solana-keygen`: a JSON list of 64 numbers, read into one buffer that is wiped.

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// Seed and public key. A growing list would leave copies behind in freed memory; this does not grow.
struct Pair(Box<Zeroizing<[u8; 64]>>);

/// Reads the 64 numbers; none for anything else.
pub(crate) fn read(text: &str) -> Option<Box<Zeroizing<[u8; 64]>>> {
    serde_json::from_str(text).ok().map(|Pair(bytes)| bytes)
}

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Numbers)
    }
}

struct Numbers;

impl<'de> Visitor<'de> for Numbers {
    type Value = Pair;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("64 numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Pair, A::Error> {
        let mut bytes = Box::new(Zeroizing::new([0_u8; 64]));
        for place in bytes.iter_mut() {
            *place = list.next_element()?.ok_or_else(|| A::Error::custom("too few numbers"))?;
        }
        match list.next_element::<IgnoredAny>()? {
            None => Ok(Pair(bytes)),
            Some(_) => Err(A::Error::custom("too many numbers")),
        }
    }
}
