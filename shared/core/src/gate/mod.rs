//! Turns credentials and stored hashes into a `Caller`. Only the gate can make one.
