//! How much a transaction takes out of an account, as far as that can be read from it.

use crate::{
    Envelope, fee,
    message::{Instruction, Message},
    system,
};

/// `11111111111111111111111111111111`.
const SYSTEM: [u8; 32] = [0; 32];
/// Sets the price and the most of a transaction's computation.
pub(crate) const COMPUTE_BUDGET: [u8; 32] = key(b"ComputeBudget111111111111111111111111111111");
/// Writes text into the log; calls nobody.
const MEMOS: [[u8; 32]; 2] =
    [key(b"MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"), key(b"Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo")];
/// Verify signatures, each of which costs as one of the transaction's own.
pub(crate) const PRECOMPILES: [[u8; 32]; 3] = [
    key(b"Ed25519SigVerify111111111111111111111111111"),
    key(b"KeccakSecp256k11111111111111111111111111111"),
    key(b"Secp256r1SigVerify1111111111111111111111111"),
];

const fn key(text: &[u8]) -> [u8; 32] {
    bs58::decode(text).into_array_const_unwrap()
}

impl Envelope {
    /// The most lamports that leave this account: what the System program moves out of it, and the fee where it pays.
    ///
    /// None where that cannot be read: another program is handed the account, or the account itself is given to a program.
    /// Read-only is enough: a signature lets a program move what the account owns elsewhere, its tokens and its stake.
    #[must_use]
    pub fn outflow(&self, public_key: &[u8; 32]) -> Option<u128> {
        let message = &self.message;
        // Nobody debits a wallet that has not signed.
        let Some(place) = message.signer(public_key) else { return Some(0) };
        let fee = if place == 0 { fee::at_most(message)? } else { 0 };
        message
            .instructions
            .iter()
            .try_fold(fee, |sum, instruction| sum.checked_add(taken(message, instruction, place)?))
    }
}

fn taken(message: &Message, instruction: &Instruction, place: usize) -> Option<u128> {
    let program = message.program(instruction)?;
    if *program == SYSTEM {
        return system::taken(instruction, place);
    }
    let moves_nothing = *program == COMPUTE_BUDGET || MEMOS.contains(program) || PRECOMPILES.contains(program);
    let is_handed = instruction.accounts.iter().any(|index| usize::from(*index) == place);
    (moves_nothing || !is_handed).then_some(0)
}
