//! Refuses messages that are well-formed and yet no node would ever take: the rules of Anza's `sanitize`.

use std::collections::HashSet;

use crate::{SolanaError, message::Message};

/// The most accounts of a message, loaded ones included: an index is one byte.
const ACCOUNTS: usize = 256;

/// Checks what was read.
///
/// # Errors
/// The [`SolanaError`] of the first rule that is broken.
pub(crate) fn check(message: &Message) -> Result<(), SolanaError> {
    let keys = message.keys.len();
    // The first signer pays, so it must be writable: at least one signer is not read alone.
    if message.readonly_signers >= message.signers || message.signers + message.readonly_others > keys {
        return Err(SolanaError::Header);
    }
    if message.keys.iter().collect::<HashSet<_>>().len() != keys {
        return Err(SolanaError::Duplicate);
    }
    if message.lookups.contains(&0) {
        return Err(SolanaError::Lookup);
    }
    let accounts = keys + message.lookups.iter().sum::<usize>();
    if accounts > ACCOUNTS {
        return Err(SolanaError::Index);
    }
    // A program is neither the payer nor loaded from a table.
    let are_there = message.instructions.iter().all(|instruction| {
        (1..keys).contains(&usize::from(instruction.program))
            && instruction.accounts.iter().all(|index| usize::from(*index) < accounts)
    });
    if are_there { Ok(()) } else { Err(SolanaError::Index) }
}
