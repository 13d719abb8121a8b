//! Starts the Lambda.
fn main() {}
