//! Items of an RLP list, one after the other, in their canonical spelling alone.

use alloy_rlp::Header;

use crate::EvmError;

/// What is left of a list's payload.
pub(crate) struct Items<'a>(&'a [u8]);

impl<'a> Items<'a> {
    /// Opens the one list that `bytes` are.
    pub(crate) fn whole(mut bytes: &'a [u8]) -> Result<Self, EvmError> {
        let payload = Header::decode_bytes(&mut bytes, true).map_err(|_| EvmError::NotRlp)?;
        if bytes.is_empty() { Ok(Self(payload)) } else { Err(EvmError::TrailingBytes) }
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many items are left, each of them with a sound header.
    pub(crate) fn count(&self) -> Result<usize, EvmError> {
        let mut rest = self.0;
        let mut count = 0;
        while !rest.is_empty() {
            let header = Header::decode(&mut rest).map_err(|_| EvmError::NotRlp)?;
            rest = rest.get(header.payload_length..).ok_or(EvmError::NotRlp)?;
            count += 1;
        }
        Ok(count)
    }

    /// The encoding of all that is left.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The encoding of the first `count` items.
    pub(crate) fn first(&self, count: usize) -> Result<&'a [u8], EvmError> {
        let mut rest = self.0;
        for _ in 0..count {
            let header = Header::decode(&mut rest).map_err(|_| EvmError::NotRlp)?;
            rest = rest.get(header.payload_length..).ok_or(EvmError::NotRlp)?;
        }
        let length = self.0.len() - rest.len();
        self.0.get(..length).ok_or(EvmError::NotRlp)
    }

    /// The next item, a string of bytes.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], EvmError> {
        Header::decode_bytes(&mut self.0, false).map_err(|_| EvmError::NotRlp)
    }

    /// The next item, a list.
    pub(crate) fn list(&mut self) -> Result<Self, EvmError> {
        Header::decode_bytes(&mut self.0, true).map(Self).map_err(|_| EvmError::NotRlp)
    }

    /// The next item, a number of at most 256 bits without leading zeros.
    pub(crate) fn number(&mut self) -> Result<Number<'a>, EvmError> {
        let bytes = self.bytes()?;
        match bytes.first() {
            Some(0) => Err(EvmError::NotRlp),
            _ if bytes.len() > 32 => Err(EvmError::FieldLength),
            _ => Ok(Number(bytes)),
        }
    }

    /// The next item, a number of at most 64 bits.
    pub(crate) fn number_64(&mut self) -> Result<u64, EvmError> {
        self.number()?.to_u128().and_then(|number| number.try_into().ok()).ok_or(EvmError::FieldLength)
    }
}

/// A number of at most 256 bits: its big-endian bytes without leading zeros.
#[derive(Clone, Copy)]
pub(crate) struct Number<'a>(&'a [u8]);

impl Number<'_> {
    /// The number, where it has at most 128 bits.
    pub(crate) fn to_u128(self) -> Option<u128> {
        (self.0.len() <= 16).then(|| self.0.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte)))
    }

    /// Whether it is zero.
    pub(crate) const fn is_zero(self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is the larger one.
    pub(crate) fn is_above(self, other: Self) -> bool {
        (self.0.len(), self.0) > (other.0.len(), other.0)
    }
}
