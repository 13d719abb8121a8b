//! Each instruction that takes lamports out of an account, and each that hides how many.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_solana::Envelope;

const OURS: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];
const SYSTEM: [u8; 32] = [0; 32];
/// One signature's fee, in lamports.
const FEE: u128 = 5000;

/// A call: which program, which of the keys, what data.
struct Call(u8, Vec<u8>, Vec<u8>);

/// A version 0 message of our key (0, the payer), another one's (1), a third account (2), System (3), a second program (4).
fn message(second: [u8; 32], calls: &[Call]) -> Envelope {
    encoded(&[0x80, 1, 0, 2], &[OURS, OTHER, [3; 32], SYSTEM, second], calls)
}

fn encoded(header: &[u8; 4], keys: &[[u8; 32]], calls: &[Call]) -> Envelope {
    let mut bytes = header.to_vec();
    bytes.push(u8::try_from(keys.len()).unwrap());
    bytes.extend(keys.as_flattened());
    bytes.extend([9; 32]);
    bytes.push(u8::try_from(calls.len()).unwrap());
    for Call(program, accounts, data) in calls {
        bytes.push(*program);
        for list in [accounts, data] {
            bytes.push(u8::try_from(list.len()).unwrap());
            bytes.extend(list);
        }
    }
    bytes.push(0);
    Envelope::decode(&STANDARD.encode(bytes)).unwrap()
}

/// What leaves our account beside the fee, by one System instruction.
fn taken(tag: u32, accounts: &[u8], rest: &[u8]) -> Option<u128> {
    let data = [tag.to_le_bytes().as_slice(), rest].concat();
    let call = Call(3, accounts.to_vec(), data);
    message([4; 32], &[call]).outflow(&OURS).map(|sum| sum - FEE)
}

/// What leaves our account where it is the second to sign and read alone; the keys are payer, ours, another, a program.
fn outflow_of_second(calls: &[Call]) -> Option<u128> {
    encoded(&[0x80, 2, 1, 1], &[OTHER, OURS, [3; 32], [4; 32]], calls).outflow(&OURS)
}

const SEVENTY: [u8; 8] = 70_u64.to_le_bytes();

fn program(text: &str) -> [u8; 32] {
    bs58::decode(text).into_vec().unwrap().try_into().unwrap()
}

#[test]
fn what_gives_lamports_counts_from_its_first_account() {
    for tag in [0, 2, 5] {
        let more = [SEVENTY.as_slice(), &[0; 40]].concat();
        assert_eq!(taken(tag, &[0, 1], &more), Some(70), "{tag}");
    }
    for tag in [2, 5] {
        assert_eq!(taken(tag, &[1, 0], &SEVENTY), Some(0), "{tag} to us");
    }
    assert_eq!(taken(2, &[1, 2], &SEVENTY), Some(0), "between others");
    assert_eq!(taken(2, &[0, 0], &SEVENTY), Some(70), "to itself: at most");
}

#[test]
fn seeds_are_read_over() {
    let created = [OURS.as_slice(), &5_u64.to_le_bytes(), b"store", &SEVENTY, &[0; 40]].concat();
    assert_eq!(taken(3, &[0, 2, 0], &created), Some(70));
    assert_eq!(taken(3, &[1, 2, 0], &created), Some(0), "only the base");
    let endless = [OURS.as_slice(), &u64::MAX.to_le_bytes(), b"store", &SEVENTY].concat();
    assert_eq!(taken(3, &[0, 2], &endless), None);
    assert_eq!(taken(11, &[2, 0, 1], &SEVENTY), Some(70), "of an account that is derived from ours");
    assert_eq!(taken(11, &[2, 1, 0], &SEVENTY), Some(0));
}

#[test]
fn an_account_that_becomes_another_kind_of_thing_cannot_be_read() {
    for tag in [1, 6, 8, 12, 13, 99] {
        assert_eq!(taken(tag, &[0, 1], &[0; 80]), None, "{tag}");
    }
    assert_eq!(taken(0, &[1, 0], &SEVENTY), None, "created anew");
    for tag in [1, 8, 13, 99] {
        assert_eq!(taken(tag, &[1, 2], &[0; 80]), Some(0), "{tag} of others");
    }
    assert_eq!(taken(4, &[2, 1, 0], &[0; 80]), Some(0), "a nonce moves on with our consent");
}

#[test]
fn what_is_ours_by_authority_or_by_seed_cannot_be_read() {
    for tag in [7, 9, 10] {
        assert_eq!(taken(tag, &[2, 0], &[0; 80]), None, "{tag}");
        assert_eq!(taken(tag, &[2, 1], &[0; 80]), Some(0), "{tag} of others");
    }
    // WithdrawNonceAccount: nonce, to, two system variables, authority.
    assert_eq!(taken(5, &[2, 1, 1, 1, 0], &SEVENTY), None, "out of a nonce account of ours");
    assert_eq!(taken(5, &[2, 0, 1, 1, 1], &SEVENTY), Some(0), "to us");
}

#[test]
fn instructions_cut_short_cannot_be_read() {
    for data in [vec![], vec![2], vec![2, 0, 0, 0], [2_u32.to_le_bytes().as_slice(), &SEVENTY[..7]].concat()] {
        let call = Call(3, vec![0, 1], data.clone());
        assert_eq!(message([4; 32], &[call]).outflow(&OURS), None, "{data:?}");
    }
}

#[test]
fn another_program_that_is_handed_the_payer_cannot_be_read() {
    assert_eq!(message([4; 32], &[Call(4, vec![1, 0], vec![1])]).outflow(&OURS), None);
    assert_eq!(message([4; 32], &[Call(4, vec![1, 2], vec![1])]).outflow(&OURS), Some(FEE));
    // Read alone, its signature still moves tokens and stake: a token's owner is handed in so.
    let call = |accounts: &[u8]| outflow_of_second(&[Call(3, accounts.to_vec(), vec![3])]);
    assert_eq!((call(&[2, 1]), call(&[2, 0])), (None, Some(0)));
    for memo in ["MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo"] {
        assert_eq!(message(program(memo), &[Call(4, vec![0], b"text".to_vec())]).outflow(&OURS), Some(FEE));
    }
}

#[test]
fn programs_are_named_once_each() {
    let calls = [Call(4, vec![], vec![]), Call(3, vec![], vec![0; 4]), Call(4, vec![], vec![])];
    assert_eq!(message([4; 32], &calls).programs(), [[4; 32], SYSTEM]);
}

#[test]
fn nobody_takes_from_who_has_not_signed() {
    let envelope = message([4; 32], &[Call(3, vec![0, 1], [2_u32.to_le_bytes().as_slice(), &SEVENTY].concat())]);
    assert_eq!(envelope.outflow(&OTHER), Some(0));
    assert_eq!(envelope.outflow(&[77; 32]), Some(0));
    assert!(!envelope.needs(&OTHER));
}

#[test]
fn the_fee_is_the_price_of_all_units_that_may_be_used() {
    let budget = program("ComputeBudget111111111111111111111111111111");
    let fee = |datas: &[Vec<u8>]| {
        let calls: Vec<_> = datas.iter().map(|data| Call(4, vec![], data.clone())).collect();
        message(budget, &calls).outflow(&OURS)
    };
    let limit = |units: u32| [&[2], units.to_le_bytes().as_slice()].concat();
    let price = |micro: u64| [&[3], micro.to_le_bytes().as_slice()].concat();
    assert_eq!(fee(&[limit(1000)]), Some(FEE));
    assert_eq!(fee(&[limit(1000), price(1)]), Some(FEE + 1), "rounded up");
    assert_eq!(fee(&[price(2_000_000)]), Some(FEE + 2_800_000), "all units where none are named");
    assert_eq!(fee(&[limit(u32::MAX), price(1_000_000)]), Some(FEE + 1_400_000), "no more than there are");
    assert!(fee(&[price(u64::MAX)]).is_some_and(|sum| sum > u128::from(u64::MAX)));
    assert_eq!(fee(&[vec![1, 0, 0, 4, 0], vec![4, 0, 0, 1, 0]]), Some(FEE));
    for wrong in [vec![], vec![0, 1, 1, 1, 1, 1, 1, 1, 1], vec![2, 1], vec![3, 1], vec![9]] {
        assert_eq!(fee(std::slice::from_ref(&wrong)), None, "{wrong:?}");
    }
}

#[test]
fn verified_signatures_cost_as_its_own() {
    for name in [
        "Ed25519SigVerify111111111111111111111111111",
        "KeccakSecp256k11111111111111111111111111111",
        "Secp256r1SigVerify1111111111111111111111111",
    ] {
        assert_eq!(message(program(name), &[Call(4, vec![], vec![3, 0])]).outflow(&OURS), Some(4 * FEE), "{name}");
    }
}
