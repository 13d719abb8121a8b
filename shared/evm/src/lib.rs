//! Reads, hashes and signs unsigned EVM transactions. No I/O, no clock, no key: bytes in, bytes out.
//!
//! The way of a request: [`Transaction::decode`] (strict, bounded) → [`Transaction::outflow`] for limits →
//! [`Transaction::signing_hash`] to the vault → [`Transaction::sign_with`].

mod error;
mod fields;
mod reader;
mod signed;
mod transaction;

pub use error::EvmError;
pub use signed::Signed;
pub use transaction::{Kind, Transaction};
