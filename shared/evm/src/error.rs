//! Why a transaction is refused, in words that may be shown to anybody.

use countersign_core::limits;

/// Why a transaction is refused. The text is short, public and never repeats the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvmError {
    /// Not an even number of hex digits, with or without `0x`.
    #[error("not hex")]
    NotHex,
    /// More than [`limits::EVM_TRANSACTION_DIGITS`].
    #[error("longer than {} hex digits", limits::EVM_TRANSACTION_DIGITS)]
    TooLarge,
    /// Not RLP in its one canonical spelling: a leading zero, a long form of something short, a length past the end.
    #[error("not canonical RLP")]
    NotRlp,
    /// Bytes follow the transaction.
    #[error("bytes after the transaction")]
    TrailingBytes,
    /// Another number of fields than any unsigned transaction of this type has.
    #[error("not an unsigned transaction: wrong number of fields")]
    Fields,
    /// Six fields: the form before EIP-155, whose signature is good on every chain.
    #[error("a legacy transaction without a chain id could be replayed on any chain; use the form of EIP-155")]
    NoChainId,
    /// It has a signature.
    #[error("the transaction is signed already")]
    AlreadySigned,
    /// EIP-4844.
    #[error("blob transactions (EIP-4844, type 3) are not taken")]
    Blob,
    /// EIP-7702: hands the account over to a contract.
    #[error("set-code transactions (EIP-7702, type 4) are not taken")]
    SetCode,
    /// A type that is not known.
    #[error("unknown transaction type")]
    UnknownType,
    /// A field is longer than its type allows.
    #[error("a field has a wrong length")]
    FieldLength,
    /// EIP-2681.
    #[error("the nonce must be below 2^64 - 1")]
    Nonce,
    /// Chain id zero is no chain.
    #[error("the chain id must not be zero")]
    ChainId,
    /// `to` is neither empty nor an address.
    #[error("to must be 20 bytes, or empty where a contract is created")]
    To,
    /// The tip is above the most that is paid in all.
    #[error("max_priority_fee_per_gas is above max_fee_per_gas")]
    Tip,
}
