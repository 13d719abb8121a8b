//! Reads and signs Solana transactions, legacy and version 0. No I/O, no clock, no key: bytes in, bytes out.
//!
//! The way of a request: [`Envelope::decode`] (strict, bounded) → [`Envelope::needs`] and [`Envelope::outflow`] before
//! anything is spent → [`Envelope::message`] to the vault → [`Envelope::sign_with`].

mod envelope;
mod error;
mod fee;
mod message;
mod outflow;
mod reader;
mod soundness;
mod system;

pub use envelope::{Envelope, Signed};
pub use error::SolanaError;
