//! The signed form: the same fields with v, r and s.

use alloy_rlp::{Encodable, Header};
use sha3::{Digest as _, Keccak256};

use crate::{EvmError, Kind, Transaction, reader::Items};

/// Fields of a legacy transaction before EIP-155's three.
const LEGACY_FIELDS: usize = 6;

/// A signed transaction, as a node takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// `0x` and the whole transaction in hex.
    pub raw_hex: String,
    /// `0x` and its hash in hex, by which it is found on the chain.
    pub hash: String,
}

impl Transaction {
    /// Puts a signature of [`Transaction::signing_hash`] in: r and s in 32 bytes each, and whether y is odd.
    ///
    /// # Errors
    /// [`EvmError::NotRlp`], which a transaction that was read does not give.
    pub fn sign_with(self, r_s: &[u8; 64], y_odd: bool) -> Result<Signed, EvmError> {
        let (r, s) = r_s.split_at(32);
        let mut payload = self.bare_fields()?.to_vec();
        self.v(y_odd).encode(&mut payload);
        trimmed(r).encode(&mut payload);
        trimmed(s).encode(&mut payload);
        let mut raw: Vec<u8> = self.kind.prefix().into_iter().collect();
        Header { list: true, payload_length: payload.len() }.encode(&mut raw);
        raw.extend_from_slice(&payload);
        let hash = hex::encode(Keccak256::digest(&raw));
        Ok(Signed { raw_hex: format!("0x{}", hex::encode(raw)), hash: format!("0x{hash}") })
    }

    /// The encoded fields that the signed form shares with the unsigned one.
    fn bare_fields(&self) -> Result<&[u8], EvmError> {
        let skip = usize::from(self.kind.prefix().is_some());
        let items = Items::whole(self.unsigned.get(skip..).unwrap_or_default())?;
        match self.kind {
            Kind::Legacy => items.first(LEGACY_FIELDS),
            Kind::Eip2930 | Kind::Eip1559 => Ok(items.rest()),
        }
    }

    /// EIP-155's v for legacy, the parity of y for the others.
    fn v(&self, y_odd: bool) -> u128 {
        match self.kind {
            Kind::Legacy => u128::from(self.chain_id()) * 2 + 35 + u128::from(y_odd),
            Kind::Eip2930 | Kind::Eip1559 => u128::from(y_odd),
        }
    }
}

/// A number's bytes without leading zeros.
fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
