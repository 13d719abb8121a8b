//! What an instruction of the System program takes out of an account.

use crate::{message::Instruction, reader::Reader};

/// Lamports that leave the account at `place`. None where more than lamports leave it (its ownership), where it disposes of an
/// account that is its own by authority or by seed, or where the instruction is not one that is known.
pub(crate) fn taken(instruction: &Instruction, place: usize) -> Option<u128> {
    let is = |at: usize| instruction.accounts.get(at).is_some_and(|index| usize::from(*index) == place);
    if !instruction.accounts.iter().any(|index| usize::from(*index) == place) {
        return Some(0);
    }
    let mut data = Reader(&instruction.data);
    match number_32(&mut data)? {
        // CreateAccount, of a new account that would be this one.
        0 if is(1) => None,
        // CreateAccount, Transfer: the first account gives. WithdrawNonceAccount too.
        0 | 2 | 5 if is(0) => number_64(&mut data),
        // CreateAccountWithSeed: base, seed, lamports.
        3 if is(0) => {
            data.take(32).ok()?;
            text(&mut data)?;
            number_64(&mut data)
        }
        // TransferWithSeed: lamports leave an account that is derived from the second one.
        11 if is(0) || is(1) => number_64(&mut data),
        // Assign, InitializeNonceAccount, Allocate: the account becomes another kind of thing.
        1 | 6 | 8 if is(0) => None,
        // WithdrawNonceAccount, to this account.
        5 if is(1) => Some(0),
        // The same with its authority, AuthorizeNonceAccount, and AllocateWithSeed and AssignWithSeed with its base.
        5 | 7 | 9 | 10 => None,
        // The account only gives its consent, or receives.
        2 | 3 | 4 | 11 => Some(0),
        _ => None,
    }
}

fn number_32(data: &mut Reader<'_>) -> Option<u32> {
    data.array().ok().map(u32::from_le_bytes)
}

fn number_64(data: &mut Reader<'_>) -> Option<u128> {
    data.array().ok().map(u64::from_le_bytes).map(u128::from)
}

/// A text after its length in eight bytes.
fn text(data: &mut Reader<'_>) -> Option<()> {
    let length = usize::try_from(number_64(data)?).ok()?;
    data.take(length).ok().map(|_| ())
}
