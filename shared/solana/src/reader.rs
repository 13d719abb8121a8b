//! Bytes one after the other, and Solana's short lengths.

use solana_short_vec::decode_shortu16_len;

use crate::SolanaError;

/// What is left to read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], SolanaError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(SolanaError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], SolanaError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(SolanaError::Truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// A length in one to three bytes, in its shortest form.
    pub(crate) fn length(&mut self) -> Result<usize, SolanaError> {
        if self.0.is_empty() {
            return Err(SolanaError::Truncated);
        }
        let (length, used) = decode_shortu16_len(self.0).map_err(|()| SolanaError::Length)?;
        self.take(used).map(|_| length)
    }

    /// A list of bytes after its length.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], SolanaError> {
        let length = self.length()?;
        self.take(length)
    }

    /// A list of things after its length. Memory is bounded by the bytes that are there, whatever the length says.
    pub(crate) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, SolanaError>,
    ) -> Result<Vec<T>, SolanaError> {
        let length = self.length()?;
        (0..length).map(|_| read(self)).collect()
    }

    /// The end of the bytes.
    pub(crate) const fn end(&self) -> Result<(), SolanaError> {
        if self.0.is_empty() { Ok(()) } else { Err(SolanaError::TrailingBytes) }
    }
}
