//! A Stellar secret key on its way into the vault.

use countersign_core::Secret;
use ed25519_dalek::{Signer as _, SigningKey};
use stellar_strkey::ed25519::PrivateKey;

use crate::{AccountKey, KeyError};

/// The 32-byte Ed25519 seed behind an `S…` strkey. Cannot be printed or cloned; wiped on drop.
pub struct StellarSeed {
    seed: Secret,
    public_key: AccountKey,
}

/// Reads an `S…` strkey (SEP-23, strictly).
///
/// # Errors
/// [`KeyError::Secret`], which does not repeat the text.
pub fn parse_secret(text: &str) -> Result<StellarSeed, KeyError> {
    let key = PrivateKey::from_string(text).map_err(|_| KeyError::Secret)?;
    StellarSeed::from_secret(Secret::new(key.0.to_vec()))
}

/// The `S…` strkey of a seed: for the local system's made-up keys; the functions have no use for it.
#[must_use]
pub fn secret_strkey(seed: &[u8; 32]) -> String {
    PrivateKey(*seed).as_unredacted().to_string().as_str().to_owned()
}

impl StellarSeed {
    /// Takes 32 random bytes as a seed.
    ///
    /// # Errors
    /// [`KeyError::Secret`] for any other length.
    pub fn from_secret(seed: Secret) -> Result<Self, KeyError> {
        let public_key = signing_key(&seed)?.verifying_key().to_bytes();
        Ok(Self { seed, public_key: AccountKey::new(public_key) })
    }

    /// The account the seed signs for.
    #[must_use]
    pub const fn public_key(&self) -> AccountKey {
        self.public_key
    }

    /// Signs a message, for a transaction its hash (RFC 8032, Ed25519: the same message gives the same signature).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let key = signing_key(&self.seed).expect("the length was checked when the seed was taken");
        key.sign(message).to_bytes()
    }

    /// Hands the raw seed on, to be sealed.
    #[must_use]
    pub fn into_secret(self) -> Secret {
        self.seed
    }
}

fn signing_key(seed: &Secret) -> Result<SigningKey, KeyError> {
    let bytes: &[u8; 32] = seed.expose().try_into().map_err(|_| KeyError::Secret)?;
    Ok(SigningKey::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_thirty_two_bytes_are_a_seed() {
        for length in [0, 31, 33, 64] {
            assert_eq!(StellarSeed::from_secret(Secret::new(vec![7; length])).err(), Some(KeyError::Secret));
        }
        let seed = StellarSeed::from_secret(Secret::new(vec![7; 32])).unwrap();
        assert!(crate::verify(seed.public_key().as_bytes(), b"message", &seed.sign(b"message")));
        assert!(seed.into_secret().matches(&[7; 32]));
    }

    #[test]
    fn an_account_is_no_secret() {
        let account = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
        assert_eq!(parse_secret(account).err(), Some(KeyError::Secret));
    }
}
