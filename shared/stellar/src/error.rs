//! Why an envelope or a key is refused, in words that may be shown to anybody.

use countersign_core::limits;

/// Why an envelope is refused. The text is short, public and never repeats the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Not the one canonical spelling: standard alphabet, padding, no whitespace, zero trailing bits (RFC 4648 §3.5, §4).
    #[error("not canonical base64")]
    NotBase64,
    /// Longer than [`limits::XDR_BYTES`] when decoded.
    #[error("larger than {} bytes", limits::XDR_BYTES)]
    TooLarge,
    /// The types nest deeper than [`limits::XDR_DEPTH`].
    #[error("nested too deeply")]
    TooDeep,
    /// The bytes end before the envelope does, or a length inside points past their end.
    #[error("ends too early")]
    Truncated,
    /// Bytes follow the envelope.
    #[error("bytes after the envelope")]
    TrailingBytes,
    /// Non-zero padding or a boolean that is neither 0 nor 1: encoding it again gives other bytes (RFC 4506 §3, §4.4).
    #[error("not canonical XDR")]
    NotCanonical,
    /// Not a transaction envelope of type v0, v1 or fee bump.
    #[error("not a transaction envelope")]
    Malformed,
    /// No operation at all.
    #[error("no operations")]
    NoOperations,
    /// A Soroban operation must be the only one of its transaction.
    #[error("a Soroban operation must be the only operation")]
    SorobanNotAlone,
    /// An asset code is not 1–4 or 5–12 characters of A-Z, a-z, 0-9, padded with zeros at the end only.
    #[error("invalid asset code")]
    AssetCode,
    /// An amount is negative, or zero where the network wants a positive one.
    #[error("invalid amount")]
    Amount,
    /// A claim predicate is deeper than four levels, or an `and`, `or`, `not` lacks its parts.
    #[error("invalid claim predicate")]
    ClaimPredicate,
    /// A fee bump's fee is not positive.
    #[error("invalid fee")]
    Fee,
    /// A source is a key that nobody can sign for: of small order or not canonical.
    #[error("invalid source account")]
    Source,
    /// The envelope already holds [`limits::ENVELOPE_SIGNATURES`] signatures.
    #[error("too many signatures")]
    TooManySignatures,
}

/// Why a strkey is refused; never repeats the input, which may be a secret typed into the wrong field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a `G…` or `M…` strkey (SEP-23).
    #[error("not a Stellar account")]
    Account,
    /// Not an `S…` strkey, or not 32 bytes.
    #[error("not a Stellar secret key")]
    Secret,
}
