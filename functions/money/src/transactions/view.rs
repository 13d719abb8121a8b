//! What is shown of a transaction.

use countersign_core::{
    ledger::{Movement, Standing, Status},
    money::Currency,
};
use serde::Serialize;

/// What is answered to whoever enters one.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Entered {
    /// Its id.
    id: u64,
    /// `executed`, or `pending_approval`.
    status: &'static str,
    /// How much.
    amount: String,
    /// It waits for somebody who may approve it.
    confirmation_required: bool,
    /// When it was entered.
    created_at: String,
}

impl Entered {
    pub(crate) fn of(movement: &Movement) -> Self {
        let waits = movement.waiting.is_some();
        let status = if waits { Status::PendingApproval } else { Status::Executed };
        Self {
            id: movement.id.get(),
            status: status.as_str(),
            amount: movement.currency.format(movement.amount_minor),
            confirmation_required: waits,
            created_at: movement.made_at.to_rfc3339(),
        }
    }
}

/// A transaction.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TransactionView {
    /// Its id.
    id: u64,
    /// Whose.
    family_id: u64,
    /// `income`, `expense`, `transfer`, `opening` or `reversal`.
    kind: &'static str,
    /// `pending_approval`, `executed`, `rejected`, `cancelled`, `expired` or `reversed`.
    status: &'static str,
    /// How much.
    amount: String,
    /// In which currency (ISO 4217).
    currency: String,
    /// The wallet that it takes from; null: from outside.
    from_wallet_id: Option<u64>,
    /// The wallet that it goes to; null: out.
    to_wallet_id: Option<u64>,
    /// What for, or null.
    category_id: Option<u64>,
    /// What was said of it, or null.
    description: Option<String>,
    /// Who entered it.
    made_by: u64,
    /// When.
    created_at: String,
    /// When it was executed, or null.
    executed_at: Option<String>,
    /// It was over a threshold: why, in English.
    reasons: Vec<String>,
    /// The approval that was asked, or null.
    approval_id: Option<u64>,
    /// Until when it may be approved, or null.
    expires_at: Option<String>,
    /// Who approved, rejected or took it back, or null.
    decided_by: Option<u64>,
    /// When, or null.
    decided_at: Option<String>,
    /// The transaction that it reverses, or null.
    reverses: Option<u64>,
    /// The transaction that reverses it, or null.
    reversal_transaction_id: Option<u64>,
    /// Why it was rejected, taken back or reverses another, or null.
    reason: Option<String>,
    /// What made it come again, or null.
    recurring_id: Option<u64>,
}

impl TransactionView {
    pub(crate) fn of(standing: &Standing) -> Self {
        let (movement, closing) = (&standing.movement, standing.closing.as_ref());
        let waiting = movement.waiting.as_ref();
        Self {
            id: movement.id.get(),
            family_id: movement.family_id.get(),
            kind: movement.kind.as_str(),
            status: standing.status().as_str(),
            amount: movement.currency.format(movement.amount_minor),
            currency: code(movement.currency),
            from_wallet_id: movement.from_wallet_id.map(u64::from),
            to_wallet_id: movement.to_wallet_id.map(u64::from),
            category_id: movement.category_id.map(u64::from),
            description: movement.description.clone(),
            made_by: movement.made_by.get(),
            created_at: movement.made_at.to_rfc3339(),
            executed_at: standing.executed_at().map(countersign_core::Moment::to_rfc3339),
            reasons: waiting.map(|waiting| waiting.reasons.clone()).unwrap_or_default(),
            approval_id: waiting.map(|waiting| waiting.approval_id.get()),
            expires_at: waiting.map(|waiting| waiting.open_until.to_rfc3339()),
            decided_by: closing.and_then(|closing| closing.decided_by).map(u64::from),
            decided_at: closing.map(|closing| closing.at.to_rfc3339()),
            reverses: movement.reverses.map(u64::from),
            reversal_transaction_id: standing.reversal.as_ref().map(|mark| mark.reversal_id.get()),
            reason: closing.and_then(|closing| closing.reason.clone()).or_else(|| movement.reason.clone()),
            recurring_id: movement.recurring_id.map(u64::from),
        }
    }
}

fn code(currency: Currency) -> String {
    currency.code().to_owned()
}
