//! The client against real sockets, and its signatures against what others published.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod names;
mod receiver;
mod signatures;
mod vectors;
