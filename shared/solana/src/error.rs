//! Why a transaction is refused, in words that may be shown to anybody.

use countersign_core::limits;

/// Why a transaction is refused. The text is short, public and never repeats the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SolanaError {
    /// Not the one canonical spelling of base64: standard alphabet, padding, zero trailing bits.
    #[error("not canonical base64")]
    NotBase64,
    /// With all its signatures longer than [`limits::SOLANA_TRANSACTION_BYTES`].
    #[error("larger than {} bytes", limits::SOLANA_TRANSACTION_BYTES)]
    TooLarge,
    /// The bytes end before the transaction does.
    #[error("ends too early")]
    Truncated,
    /// Bytes follow the transaction.
    #[error("bytes after the transaction")]
    TrailingBytes,
    /// A length in more bytes than it needs, or above 65 535.
    #[error("a length is not in its shortest form")]
    Length,
    /// Neither legacy nor version 0.
    #[error("unknown message version")]
    Version,
    /// The slots for signatures are not as many as the message's header says.
    #[error("another number of signatures than the header's")]
    Slots,
    /// The header counts more keys than there are, or leaves nobody to pay.
    #[error("invalid message header")]
    Header,
    /// An account is listed twice.
    #[error("an account is listed twice")]
    Duplicate,
    /// An instruction names an account that is not there, or one as program that cannot be it.
    #[error("an instruction names an account that is not there")]
    Index,
    /// A lookup of an address table that loads nothing.
    #[error("an address table lookup is empty")]
    Lookup,
    /// The bytes are a transaction and a bare message at once.
    #[error("may be read in two ways; send the whole transaction")]
    Ambiguous,
    /// The key is not among those that must sign.
    #[error("the key is not a required signer of this transaction")]
    NotASigner,
}
