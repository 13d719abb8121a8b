//! The most that a transaction's fee can be, for whoever pays it.

use crate::message::Message;
use crate::outflow::{COMPUTE_BUDGET, PRECOMPILES};

/// Lamports for each signature.
const LAMPORTS_PER_SIGNATURE: u128 = 5000;
/// The most compute units of a transaction; what it may use where it does not say.
const COMPUTE_UNITS: u32 = 1_400_000;
/// Micro-lamports in a lamport.
const MICRO: u128 = 1_000_000;

/// Lamports at most; none where an instruction for the compute budget is not one that is known.
pub(crate) fn at_most(message: &Message) -> Option<u128> {
    let mut signatures = message.signers as u128;
    let (mut units, mut price) = (None, 0);
    for instruction in &message.instructions {
        let program = message.program(instruction)?;
        if PRECOMPILES.contains(program) {
            signatures += u128::from(instruction.data.first().copied().unwrap_or(0));
        }
        if *program != COMPUTE_BUDGET {
            continue;
        }
        match instruction.data.split_first()? {
            (1 | 4, _) => {} // the heap, and the accounts' size
            (2, limit) => units = Some(u32::from_le_bytes(*limit.first_chunk()?).min(COMPUTE_UNITS)),
            (3, given) => price = price.max(u64::from_le_bytes(*given.first_chunk()?)),
            _ => return None,
        }
    }
    let priority = (u128::from(units.unwrap_or(COMPUTE_UNITS)) * u128::from(price)).div_ceil(MICRO);
    Some(signatures * LAMPORTS_PER_SIGNATURE + priority)
}
