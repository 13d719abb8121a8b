//! The ledger: double entry in whole minor units. A transaction is executed, or waits and is closed by a second record.
//!
//! All of it is pure. Facts of one consistent moment go in; a [`Change`](crate::family::Change) comes out, or a refusal.

mod closing;
mod difference;
mod entry;
mod keeping;
mod movement;
mod payment;
mod posting;
mod recount;
mod reversal;
mod thresholds;
mod totals;
mod wallet;

pub use closing::{ClosingFacts, Deciding, cancel, confirm, expire, reject, settle_vote};
pub use difference::Difference;
pub use entry::{Booking, Entry, List};
pub use keeping::{WalletChange, change_wallet, new_wallet};
pub use movement::{Closing, End, Kind, Movement, ReversalMark, Standing, Status, Waiting, unknown_transaction};
pub use payment::{Payment, PaymentForm, text};
pub use posting::{Judged, PaymentFacts, Posted, judge, post};
pub use recount::{Books, mend, recount};
pub use reversal::{ReversalFacts, judge_reversal, post_reversal};
pub use thresholds::{Bucket, Spent, day_of, reasons};
pub use totals::{Dimension, Month, Sums, TotalChange, Totals};
pub use wallet::{NewWallet, Wallet, WalletKind, unknown_wallet};

#[cfg(test)]
mod tests;
