//! Receipt handles and sequence numbers: how one delivery of one message is named.

use base64::{Engine as _, prelude::BASE64_URL_SAFE};

use crate::error::AwsError;

/// A receipt handle, read.
pub(super) struct Handle {
    /// The message's number.
    pub(super) seq: i64,
    /// Made anew at each delivery.
    pub(super) receipt: String,
}

/// Writes a handle.
pub(super) fn write(queue: &str, seq: i64, receipt: &str) -> String {
    BASE64_URL_SAFE.encode(format!("{queue} {seq} {receipt}"))
}

/// Reads a handle of this queue.
///
/// # Errors
/// `ReceiptHandleIsInvalid`.
pub(super) fn read(queue: &str, handle: &str) -> Result<Handle, AwsError> {
    parts(queue, handle).ok_or_else(|| {
        AwsError::new("ReceiptHandleIsInvalid", "The input receipt handle is not a valid receipt handle.")
    })
}

fn parts(queue: &str, handle: &str) -> Option<Handle> {
    let text = String::from_utf8(BASE64_URL_SAFE.decode(handle).ok()?).ok()?;
    let mut parts = text.split(' ');
    let (of, seq, receipt) = (parts.next()?, parts.next()?, parts.next()?);
    (of == queue).then_some(Handle { seq: seq.parse().ok()?, receipt: receipt.to_owned() })
}

/// A FIFO message's place: 20 digits, rising.
pub(super) fn sequence_number(seq: i64) -> String {
    format!("{seq:020}")
}
