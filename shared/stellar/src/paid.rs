//! What an envelope pays to the fee wallet, exact in stroops, and the number a client is shown.

use serde_json::Number;
use stellar_xdr::{Asset, Operation, OperationBody};

use crate::{AccountKey, Envelope};

/// Stroops in one XLM.
const STROOPS_PER_XLM: u128 = 10_000_000;

impl Envelope {
    /// What the envelope pays natively to this account, in stroops; the inner operations of a fee bump.
    ///
    /// Payments of XLM count, to the account or to a muxed form of it, and the starting balance of an account created there.
    #[must_use]
    pub fn native_paid_to(&self, fee_wallet: &AccountKey) -> u128 {
        self.operations().iter().map(|operation| paid_by(operation, fee_wallet)).sum()
    }
}

fn paid_by(operation: &Operation, fee_wallet: &AccountKey) -> u128 {
    let (destination, stroops) = match &operation.body {
        OperationBody::Payment(payment) if payment.asset == Asset::Native => {
            (AccountKey::from(&payment.destination), payment.amount)
        }
        OperationBody::CreateAccount(create) => (AccountKey::from(&create.destination), create.starting_balance),
        _ => return 0,
    };
    if destination == *fee_wallet { stroops.try_into().expect("reading refused negative amounts") } else { 0 }
}

/// Writes stroops as a JSON number of XLM, always with a decimal point: 0 → `0.0`, 1 000 000 → `0.1`.
///
/// The decimal text is exact; only its last step, into the number that JSON prints, is the nearest double
/// (every amount below 10^15 stroops, a hundred million XLM, keeps all its digits).
#[must_use]
pub fn stroops_to_xlm_number(stroops: u128) -> Number {
    let text = format!("{}.{:07}", stroops / STROOPS_PER_XLM, stroops % STROOPS_PER_XLM);
    let nearest = text.parse().expect("digits, a point and seven digits are a number");
    Number::from_f64(nearest).expect("the text of a u128 is finite")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xlm_is_written_with_the_digits_it_has() {
        let cases = [
            (0, "0.0"),
            (1, "1e-7"),
            (1_000_000, "0.1"),
            (3_000_000, "0.3"),
            (12_345_678, "1.2345678"),
            (10_000_000, "1.0"),
            (999_999_999_999_999, "99999999.9999999"),
            (1_000_000_000_000_000_000, "100000000000.0"),
        ];
        for (stroops, text) in cases {
            assert_eq!(stroops_to_xlm_number(stroops).to_string(), text);
        }
        assert!(stroops_to_xlm_number(u128::MAX).is_f64());
    }
}
