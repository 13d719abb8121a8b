//! The OAuth stand-in as its clients meet it: the `oauth2` crate and plain HTTP.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod authorize;
mod bench;
mod client_auth;
mod code;
mod control;
mod crate_client;
mod oidc;
mod refresh;
mod revoke;
mod vectors;
