//! Families' money over HTTP.

mod budgets;
mod families;
mod goals;
pub(crate) mod house;
mod ledger;
mod lists;
mod matrix;
mod own_payments;
mod planned;
mod proof;
mod races;
mod recurring;
mod replays;
mod reports;
