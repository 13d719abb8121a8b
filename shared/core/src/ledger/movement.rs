//! A transaction of the ledger, and the records that close and reverse it. None of them is ever changed.

use serde::{Deserialize, Serialize};

use crate::{
    ApprovalId, CategoryId, FamilyId, Moment, MovementId, RecurringId, Refusal, UserId, WalletId, money::Currency,
};

/// What kind of transaction it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Money comes from outside.
    Income,
    /// Money goes out.
    Expense,
    /// Money goes from wallet to wallet.
    Transfer,
    /// What was in a wallet when it was made: no income.
    Opening,
    /// Another transaction, backwards.
    Reversal,
}

impl Kind {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Income => "income",
            Self::Expense => "expense",
            Self::Transfer => "transfer",
            Self::Opening => "opening",
            Self::Reversal => "reversal",
        }
    }
}

/// That a transaction waits for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The approval that is asked.
    pub approval_id: ApprovalId,
    /// Until when.
    pub open_until: Moment,
    /// Why, in English.
    pub reasons: Vec<String>,
}

/// A transaction as it was entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Its id.
    pub id: MovementId,
    /// Whose.
    pub family_id: FamilyId,
    /// What kind.
    #[serde(rename = "movement_kind")]
    pub kind: Kind,
    /// The wallet that it takes from; none: from outside.
    pub from_wallet_id: Option<WalletId>,
    /// The wallet that it goes to; none: out.
    pub to_wallet_id: Option<WalletId>,
    /// How much, in minor units, above zero.
    pub amount_minor: i64,
    /// In which currency: that of its wallets.
    pub currency: Currency,
    /// What for.
    pub category_id: Option<CategoryId>,
    /// What was said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who entered it.
    pub made_by: UserId,
    /// In whose totals a reversal counts: whoever entered what it reverses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_for: Option<UserId>,
    /// When.
    pub made_at: Moment,
    /// That it waits for approval; none: it was executed at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The transaction that it reverses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<MovementId>,
    /// Why it reverses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What made it come again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurring_id: Option<RecurringId>,
}

/// How a transaction that waited ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It was approved and executed.
    Executed,
    /// It was rejected.
    Rejected,
    /// Whoever entered it took it back.
    Cancelled,
    /// Nobody decided in time.
    Expired,
}

impl End {
    /// The wire's name, and the last part of the event's kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// The second record of a transaction that waited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Which.
    pub movement_id: MovementId,
    /// How it ended.
    pub end: End,
    /// When.
    pub at: Moment,
    /// Who decided; none: the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<UserId>,
    /// What they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// That a transaction is reversed, or that its reversal waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalMark {
    /// Which transaction.
    pub movement_id: MovementId,
    /// By which.
    pub reversal_id: MovementId,
    /// When; none while the reversal waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed_at: Option<Moment>,
}

/// How a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for approval.
    PendingApproval,
    /// It is done.
    Executed,
    /// It was rejected.
    Rejected,
    /// It was taken back.
    Cancelled,
    /// Nobody decided in time.
    Expired,
    /// It was done, and reversed.
    Reversed,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::PendingApproval, Self::Executed, Self::Rejected, Self::Cancelled, Self::Expired, Self::Reversed];

    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingApproval => "pending_approval",
            Self::Executed => "executed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Reversed => "reversed",
        }
    }

    /// Reads the wire's name.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|status| status.as_str()).collect();
            Refusal::invalid(format!("status must be one of {}", names.join(", ")))
        })
    }
}

/// A transaction with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// As it was entered.
    pub movement: Movement,
    /// How it ended, where it waited.
    pub closing: Option<Closing>,
    /// That it is reversed.
    pub reversal: Option<ReversalMark>,
}

impl Standing {
    /// How it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        let done = match (&self.movement.waiting, &self.closing) {
            (None, _) => Status::Executed,
            (Some(_), None) => return Status::PendingApproval,
            (Some(_), Some(closing)) => match closing.end {
                End::Executed => Status::Executed,
                End::Rejected => return Status::Rejected,
                End::Cancelled => return Status::Cancelled,
                End::Expired => return Status::Expired,
            },
        };
        let reversed = self.reversal.as_ref().is_some_and(|mark| mark.reversed_at.is_some());
        if reversed { Status::Reversed } else { done }
    }

    /// When it was executed.
    #[must_use]
    pub fn executed_at(&self) -> Option<Moment> {
        match (&self.movement.waiting, &self.closing) {
            (None, _) => Some(self.movement.made_at),
            (Some(_), Some(closing)) if closing.end == End::Executed => Some(closing.at),
            _ => None,
        }
    }
}

/// 404: there is no such transaction, or it is another family's.
#[must_use]
pub fn unknown_transaction() -> Refusal {
    Refusal::not_found("No such transaction")
}
