//! Decodes base64 and XDR in their one canonical spelling, within limits of depth, length and memory.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::limits;
use stellar_xdr::{Error as XdrError, Limited, Limits, ReadXdr as _, TransactionEnvelope, WriteXdr as _};

use crate::EnvelopeError;

/// The longest base64 text that can decode to [`limits::XDR_BYTES`].
const BASE64_CHARS: usize = limits::XDR_BYTES.div_ceil(3) * 4;

/// Decodes the text, refusing by length before it allocates.
///
/// # Errors
/// [`EnvelopeError::TooLarge`], [`EnvelopeError::NotBase64`].
pub(crate) fn decode_base64(text: &str) -> Result<Vec<u8>, EnvelopeError> {
    if text.len() > BASE64_CHARS {
        return Err(EnvelopeError::TooLarge);
    }
    let bytes = STANDARD.decode(text).map_err(|_| EnvelopeError::NotBase64)?;
    if bytes.len() > limits::XDR_BYTES { Err(EnvelopeError::TooLarge) } else { Ok(bytes) }
}

/// Decodes an envelope and proves that the bytes are its only encoding.
///
/// # Errors
/// Every variant of [`EnvelopeError`] that speaks of the bytes; none that speaks of their meaning.
pub(crate) fn decode_xdr(bytes: &[u8]) -> Result<TransactionEnvelope, EnvelopeError> {
    let mut reader = Limited::new(bytes, bounds(bytes.len()));
    let envelope = TransactionEnvelope::read_xdr(&mut reader).map_err(|error| reason(&error))?;
    if !reader.inner.is_empty() {
        return Err(EnvelopeError::TrailingBytes);
    }
    let mut mirror = Limited::new(Mirror { rest: bytes }, bounds(bytes.len()));
    envelope.write_xdr(&mut mirror).map_err(|_| EnvelopeError::NotCanonical)?;
    if mirror.inner.rest.is_empty() { Ok(envelope) } else { Err(EnvelopeError::NotCanonical) }
}

/// Limits for input of this many bytes: no length inside it may make the reader allocate more.
fn bounds(len: usize) -> Limits {
    Limits { depth: limits::XDR_DEPTH, len }
}

fn reason(error: &XdrError) -> EnvelopeError {
    match error {
        XdrError::DepthLimitExceeded => EnvelopeError::TooDeep,
        XdrError::LengthLimitExceeded | XdrError::Io(_) => EnvelopeError::Truncated,
        XdrError::NonZeroPadding => EnvelopeError::NotCanonical,
        _ => EnvelopeError::Malformed,
    }
}

/// Takes only the bytes it already has: encoding into it compares without a second buffer.
struct Mirror<'a> {
    rest: &'a [u8],
}

impl io::Write for Mirror<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest = self.rest.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
