//! Holds the crate to vectors made by other implementations, to hostile input and to properties.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, unreachable_pub, reason = "tests")]

mod behaviour;
mod generated;
mod hostile;
mod malformed;
mod properties;
mod published;
mod vectors;
mod wycheproof;
