//! Leaves nothing of a secret on the stack: what a computation spilled there is overwritten before its caller goes on.

use std::hint::black_box;

/// How far below its caller a computation with a secret may have written: three times what curves, hashes and ciphers use where
/// nothing is optimised, and frames are large (with 8 KiB the search of `tests/wiped.rs` finds a key, with 16 KiB none).
const DEPTH_BYTES: usize = 48 * 1024;

/// Does the work and overwrites the stack it used. What it gives back must hold no bare secret.
pub(crate) fn clean_stack<T>(work: impl FnOnce() -> T) -> T {
    let done = below(work);
    overwrite();
    done
}

/// Its own frame, so that everything the work spills lies below the caller.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn overwrite() {
    let mut waste = [0_u8; DEPTH_BYTES];
    black_box(&mut waste);
}
