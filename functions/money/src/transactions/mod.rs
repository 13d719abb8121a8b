//! Transactions: entered, approved, rejected, taken back, reversed, listed.

pub(crate) mod asking;
pub(crate) mod decide;
mod found;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod reverse;
mod view;
