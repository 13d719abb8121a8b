//! One unsigned transaction: what was read, and the bytes that are signed.

use countersign_core::limits;
use sha3::{Digest as _, Keccak256};

use crate::{
    EvmError,
    fields::{self, Fields},
    reader::Items,
};

/// Which of the three kinds of transactions it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first form, with EIP-155's chain id.
    Legacy,
    /// Type 1: an access list.
    Eip2930,
    /// Type 2: a most of the fee, and a tip.
    Eip1559,
}

impl Kind {
    /// EIP-2718's first byte; none for legacy.
    pub(crate) const fn prefix(self) -> Option<u8> {
        match self {
            Self::Legacy => None,
            Self::Eip2930 => Some(1),
            Self::Eip1559 => Some(2),
        }
    }
}

/// An unsigned transaction that was read strictly.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub(crate) kind: Kind,
    /// The encoding that is hashed, type byte included.
    pub(crate) unsigned: Vec<u8>,
    pub(crate) fields: Fields,
}

impl Transaction {
    /// Reads an unsigned transaction in hex, with or without `0x`: the bytes whose Keccak-256 is signed.
    ///
    /// # Errors
    /// [`EvmError`], whose text may be answered as it is.
    pub fn decode(text: &str) -> Result<Self, EvmError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        if digits.len() > limits::EVM_TRANSACTION_DIGITS {
            return Err(EvmError::TooLarge);
        }
        let unsigned = hex::decode(digits).map_err(|_| EvmError::NotHex)?;
        let (kind, list) = match unsigned.split_first() {
            Some((1, list)) => (Kind::Eip2930, list),
            Some((2, list)) => (Kind::Eip1559, list),
            Some((3, _)) => return Err(EvmError::Blob),
            Some((4, _)) => return Err(EvmError::SetCode),
            Some((0..=0x7f, _)) => return Err(EvmError::UnknownType),
            _ => (Kind::Legacy, unsigned.as_slice()),
        };
        let fields = fields::read(kind, Items::whole(list)?)?;
        Ok(Self { kind, unsigned, fields })
    }

    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What is signed: Keccak-256 of the unsigned encoding.
    #[must_use]
    pub fn signing_hash(&self) -> [u8; 32] {
        Keccak256::digest(&self.unsigned).into()
    }

    /// The chain it is for; never zero.
    #[must_use]
    pub const fn chain_id(&self) -> u64 {
        self.fields.chain_id
    }

    /// The sender's number of this transaction.
    #[must_use]
    pub const fn nonce(&self) -> u64 {
        self.fields.nonce
    }

    /// Whom it calls or pays, with EIP-55's checksum; none where it creates a contract.
    #[must_use]
    pub fn to(&self) -> Option<String> {
        self.fields.to.map(|to| to.to_string())
    }

    /// The most of the chain's own coin that leaves the sender, in wei: the value, and all the gas at its highest price.
    /// None where it is above 128 bits, and where data goes to an address: what a called contract moves in the account's name
    /// cannot be read.
    ///
    /// What some chains take beside gas for their parent chain is not in it.
    #[must_use]
    pub const fn outflow(&self) -> Option<u128> {
        self.fields.outflow
    }
}
