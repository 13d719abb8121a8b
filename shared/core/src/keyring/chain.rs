//! The chains whose keys are kept.

use serde::{Deserialize, Serialize};

/// Which chain a trading key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    /// Stellar: Ed25519, `S…` seeds.
    Stellar,
    /// Solana: Ed25519, base58 or a list of 64 numbers.
    Solana,
    /// Ethereum and what is like it: secp256k1, 32 bytes in hex.
    Evm,
}

impl Chain {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stellar => "stellar",
            Self::Solana => "solana",
            Self::Evm => "evm",
        }
    }
}
