//! What is read of a family's ledger: lists of transactions, wallets, entries, totals, events.

mod books;
mod events;
mod lists;
mod totals;

pub use events::Proof;
pub use lists::{MovementFacts, Narrowed};
pub(crate) use totals::total;
