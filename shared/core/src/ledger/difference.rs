//! What a recount of a family's books found, in words.

use std::fmt;

use super::totals::{Dimension, Month, Sums};
use crate::{MovementId, WalletId, money::Currency};

/// Something in the books that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The entries of a transaction are not what it moved, or there is no such transaction.
    Entries(MovementId),
    /// The balances that a wallet's entries tell do not follow each other.
    Steps(WalletId),
    /// The mark of a transaction's reversal is not what its reversals say.
    Reversal(MovementId),
    /// A wallet's balance or what is held of it.
    Wallet {
        /// Which.
        wallet_id: WalletId,
        /// Its currency.
        currency: Currency,
        /// Its balance and what is held, as they are written, in minor units.
        recorded: (i64, i64),
        /// The same, counted.
        counted: (i64, i64),
    },
    /// How many transactions wait, and how many wallets there are.
    Counts {
        /// As it is written.
        recorded: (u32, u32),
        /// Counted.
        counted: (u32, u32),
    },
    /// A month's total.
    Total {
        /// Of what.
        dimension: Dimension,
        /// In which month.
        month: Month,
        /// In which currency.
        currency: Currency,
        /// As it is written.
        recorded: Sums,
        /// Counted.
        counted: Sums,
    },
}

impl Difference {
    /// Whether it is a sum, which can be counted again; a record that is wrong or missing is for people to look at.
    #[must_use]
    pub fn is_mendable(&self) -> bool {
        matches!(self, Self::Wallet { .. } | Self::Counts { .. } | Self::Total { .. })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entries(id) => write!(f, "transaction {id}: its entries are not what it moved"),
            Self::Steps(id) => write!(f, "wallet {id}: the balances of its entries do not follow each other"),
            Self::Reversal(id) => write!(f, "transaction {id}: its mark is not what its reversals say"),
            Self::Wallet { wallet_id, currency, recorded, counted } => {
                let show = |(balance, held): &(i64, i64)| {
                    format!("{} of which {} is held", currency.show(*balance), currency.format(*held))
                };
                write!(f, "wallet {wallet_id}: written {}, counted {}", show(recorded), show(counted))
            }
            Self::Counts { recorded, counted } => {
                let show = |(open, wallets): &(u32, u32)| format!("{open} transactions wait, {wallets} wallets");
                write!(f, "written {}, counted {}", show(recorded), show(counted))
            }
            Self::Total { dimension, month, currency, recorded, counted } => {
                let of = match dimension {
                    Dimension::Family => "the family".to_owned(),
                    Dimension::Category(id) => format!("category {id}"),
                    Dimension::Member(id) => format!("member {id}"),
                    Dimension::Wallet(id) => format!("wallet {id}"),
                };
                let (recorded, counted) = (show(*currency, recorded), show(*currency, counted));
                write!(f, "{month}, {of}: written {recorded}, counted {counted}")
            }
        }
    }
}

fn show(currency: Currency, sums: &Sums) -> String {
    format!(
        "{} income, {} expense, {} moved in, {} moved out, {} in {currency}",
        currency.format(sums.income_minor),
        currency.format(sums.expense_minor),
        currency.format(sums.moved_in_minor),
        currency.format(sums.moved_out_minor),
        sums.movements,
    )
}
