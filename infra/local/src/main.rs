//! Starts the local system.
fn main() {}
