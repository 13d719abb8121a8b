//! Reads, hashes and signs Stellar transaction envelopes. No I/O, no clock: bytes in, bytes out.
//!
//! The way of a request: [`Envelope::read`] (strict, bounded) → [`Envelope::hash`] for a [`Network`] →
//! [`Envelope::signature_of`] and [`Envelope::may_be_signed_by`] before anything is spent →
//! [`Envelope::append_signature`] → [`Envelope::to_base64`].

mod account;
mod assets;
mod canonical;
mod envelope;
mod error;
mod naming;
mod network;
mod outflow;
mod paid;
mod seed;
mod signatures;
mod soundness;

pub use account::{AccountKey, verify};
pub use envelope::{Envelope, EnvelopeKind};
pub use error::{EnvelopeError, KeyError};
pub use network::Network;
pub use paid::stroops_to_xlm_number;
pub use seed::{StellarSeed, parse_secret, secret_strkey};
pub use signatures::Appended;
/// The types of the parts an [`Envelope`] lets its reader look at.
pub use stellar_xdr::{Memo, Operation};
