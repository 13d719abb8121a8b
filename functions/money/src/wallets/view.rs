//! What is shown of a wallet.

use countersign_core::{Moment, ledger::Wallet};
use serde::Serialize;

/// A wallet.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct WalletView {
    /// Its id.
    id: u64,
    /// Its name.
    name: String,
    /// What is in it.
    balance: String,
    /// `cash`, `bank`, `card`, `savings` or `credit`.
    r#type: &'static str,
    /// What may be taken: without what waiting transactions hold, with a credit's limit.
    available: String,
    /// What waiting transactions hold.
    held: String,
    /// Its currency (ISO 4217).
    currency: String,
    /// How far below zero it may go.
    credit_limit: String,
    /// When it was made.
    created_at: String,
    /// Since when it takes no new transactions, or null.
    archived_at: Option<String>,
}

impl WalletView {
    pub(crate) fn of(wallet: &Wallet) -> Self {
        let show = |minor| wallet.currency.format(minor);
        Self {
            id: wallet.id.get(),
            name: wallet.name.clone(),
            balance: show(wallet.balance_minor),
            r#type: wallet.kind.as_str(),
            available: show(wallet.available_minor()),
            held: show(wallet.held_minor),
            currency: wallet.currency.code().to_owned(),
            credit_limit: show(wallet.credit_minor),
            created_at: wallet.created_at.to_rfc3339(),
            archived_at: wallet.archived_at.map(Moment::to_rfc3339),
        }
    }
}
