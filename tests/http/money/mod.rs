//! Families' money over HTTP.

mod budgets;
mod families;
mod goals;
pub(crate) mod house;
mod ledger;
mod matrix;
mod planned;
mod proof;
mod races;
mod recurring;
mod reports;
