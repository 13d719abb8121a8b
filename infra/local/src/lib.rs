//! The whole system on one machine, for `cargo run` and for tests.
