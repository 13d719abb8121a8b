//! Names the network a signature is good on, and hashes for it.

use aws_lc_rs::digest::{self, SHA256, SHA256_OUTPUT_LEN};

/// A Stellar network, known by its passphrase; its id is SHA-256 of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    id: [u8; 32],
}

impl Network {
    /// Computes the network's id once.
    #[must_use]
    pub fn new(passphrase: &str) -> Self {
        Self { id: sha256(&[passphrase.as_bytes()]) }
    }

    /// The id that every hash begins with.
    #[must_use]
    pub fn id(&self) -> &[u8; 32] {
        &self.id
    }
}

/// SHA-256 over parts that follow one another.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; SHA256_OUTPUT_LEN] {
    let mut context = digest::Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes")
}
