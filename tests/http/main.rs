//! The system from outside: real functions behind the local gateway, driven over HTTP as clients drive it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod access_log;
mod approvals;
mod attacks;
mod auth;
mod bank;
mod connections;
mod deliveries;
mod foreign;
mod idempotency;
mod import;
mod keys;
mod money;
mod services;
mod sign;
mod signing_sessions;
mod table;
mod telegram;
mod turnkey;
mod vectors;
mod world;
mod xdr;
