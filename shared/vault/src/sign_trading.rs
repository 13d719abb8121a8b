//! Signatures with trading keys of EVM chains, and the proof that a sealed key is the one it is said to be.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use countersign_core::{SealContext, Sealed, Secret, keyring::Chain};
use ed25519_dalek::{Signature as Ed25519Signature, VerifyingKey as Ed25519Key};
use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey, signature::hazmat::PrehashVerifier as _};

use crate::{TradingKey, Vault, VaultError};

/// What a challenge begins with: no transaction of any chain does.
const CHALLENGE_LABEL: &[u8] = b"countersign/trading-key-proof/v1";

/// An ECDSA signature over secp256k1, s in the lower half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secp256k1Signature {
    /// r and s, 32 bytes each, big-endian.
    pub r_s: [u8; 64],
    /// Whether the y of the point behind r is odd: the recovery bit.
    pub y_odd: bool,
}

impl Vault {
    /// Signs a hash with a sealed secp256k1 key; the same hash gives the same signature (RFC 6979).
    ///
    /// # Errors
    /// As [`Vault::sign`].
    pub async fn sign_secp256k1(
        &self,
        context: &SealContext,
        sealed: &Sealed,
        prehash: &[u8; 32],
    ) -> Result<Secp256k1Signature, VaultError> {
        self.opened(context, sealed, |secret| secp256k1(&secret, prehash)).await
    }

    /// Proves that what is sealed is this key: opens it, signs a challenge and verifies with the public half.
    ///
    /// # Errors
    /// As [`Vault::sign`], [`VaultError::Sealed`] too where it is another key.
    pub async fn prove(&self, context: &SealContext, sealed: &Sealed, key: &TradingKey) -> Result<(), VaultError> {
        let challenge = challenge()?;
        let proven = match key.chain {
            Chain::Stellar | Chain::Solana => {
                let signature = self.sign(context, sealed, &challenge).await?;
                ed25519_verifies(&key.public_key, &challenge, &signature)
            }
            Chain::Evm => {
                let signature = self.sign_secp256k1(context, sealed, &challenge).await?;
                secp256k1_verifies(&key.public_key, &challenge, &signature.r_s)
            }
        };
        if proven { Ok(()) } else { Err(VaultError::Sealed) }
    }
}

fn secp256k1(secret: &Secret, prehash: &[u8; 32]) -> Result<Secp256k1Signature, VaultError> {
    let key = SigningKey::from_slice(secret.expose()).map_err(|_| VaultError::Sealed)?;
    let (signature, recovery): (Signature, RecoveryId) =
        key.sign_prehash_recoverable(prehash).map_err(|_| VaultError::Sealed)?;
    Ok(Secp256k1Signature { r_s: signature.to_bytes().into(), y_odd: recovery.is_y_odd() })
}

/// SHA-256 of the label and fresh randomness: of a length that both schemes sign.
fn challenge() -> Result<[u8; 32], VaultError> {
    let mut fresh = [0; 32];
    rand::fill(&mut fresh).map_err(|_| VaultError::Unavailable("no randomness".into()))?;
    let mut challenge = [0; 32];
    challenge.copy_from_slice(digest(&SHA256, &[CHALLENGE_LABEL, &fresh].concat()).as_ref());
    Ok(challenge)
}

fn ed25519_verifies(public_key: &[u8], message: &[u8], signature: &[u8; 64]) -> bool {
    let key = public_key.try_into().ok().and_then(|key| Ed25519Key::from_bytes(key).ok());
    key.is_some_and(|key| key.verify_strict(message, &Ed25519Signature::from_bytes(signature)).is_ok())
}

fn secp256k1_verifies(public_key: &[u8], prehash: &[u8], r_s: &[u8; 64]) -> bool {
    let Ok(key) = VerifyingKey::from_sec1_bytes(public_key) else { return false };
    Signature::from_slice(r_s).is_ok_and(|signature| key.verify_prehash(prehash, &signature).is_ok())
}
