//! What a transaction did to a wallet, and the lines of the lists that it stands in.

use serde::{Deserialize, Serialize};

use crate::{CategoryId, Moment, MovementId, WalletId, money::Currency};

/// One side of a transaction. A wallet's balance is the sum of its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The wallet.
    pub wallet_id: WalletId,
    /// The transaction.
    pub movement_id: MovementId,
    /// What came in, or below zero what went out, in minor units.
    pub delta_minor: i64,
    /// The balance after it, in minor units.
    pub balance_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// When.
    pub at: Moment,
}

/// A list of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// All of the family's.
    All,
    /// Those from or to a wallet.
    Wallet(WalletId),
    /// Those of a category.
    Category(CategoryId),
}

/// A line of a list: that a transaction stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Which list.
    pub list: List,
    /// Which transaction.
    pub movement_id: MovementId,
}
