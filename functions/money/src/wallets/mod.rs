//! Wallets: made, listed, changed, archived.

pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod new;
mod view;
