//! Reads, hashes and signs Stellar transaction envelopes.
