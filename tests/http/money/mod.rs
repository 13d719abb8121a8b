//! Families' money over HTTP.

mod budgets;
mod goals;
pub(crate) mod house;
mod planned;
mod proof;
mod races;
mod recurring;
mod reports;
mod families;
mod ledger;
mod matrix;
