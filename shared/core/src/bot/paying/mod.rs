//! The conversation of `/pay`, as a machine: what is known, what is asked next, and which press or word fits. Pure.
//!
//! One stands in a chat at most. Every step is another version of it, and its buttons carry that version and the
//! conversation's own nonce: a button of an earlier step, of another conversation or of a forger's does nothing.

mod begin;
mod choice;
mod step;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use begin::begin;
pub use choice::{Choice, PayButton, Stale};
pub use step::{Next, Unreadable};

use crate::{
    CategoryId, FamilyId, Moment, TelegramId, WalletId,
    family::Family,
    ledger::{Payment, Wallet},
    money::AmountText,
};

/// A family that somebody may pay in, with the wallets that are open.
#[derive(Clone, Debug)]
pub struct Purse {
    /// The family.
    pub family: Family,
    /// Its wallets.
    pub wallets: Vec<Wallet>,
}

/// Where money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Out of the family.
    Out,
    /// Into another wallet.
    Wallet(WalletId),
}

/// What it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Nothing that has a name.
    Nothing,
    /// A category.
    Category(CategoryId),
}

/// What is known of the payment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Whose money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_id: Option<FamilyId>,
    /// From which wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<WalletId>,
    /// Where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    /// What for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// How much, as [`Currency::amount`](crate::money::Currency::amount) reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// What was written behind the amount: a category's name, or a note, once the family is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// What is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What is asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// From which wallet.
    From,
    /// Where to.
    To,
    /// What for.
    Purpose,
    /// How much: in words.
    Amount,
    /// Whether all of it is right.
    Summary,
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paying {
    /// What only its own buttons carry.
    pub nonce: String,
    /// Grows with every step.
    pub version: u32,
    /// With whom.
    pub telegram_id: TelegramId,
    /// From then on it is over. (In the table `expires_at` is the TTL, in seconds.)
    pub live_until: Moment,
    /// What is known so far.
    pub draft: Draft,
}

impl Draft {
    /// What is asked next.
    #[must_use]
    pub const fn step(&self) -> Step {
        match (self.from, self.to, self.purpose, &self.amount) {
            (None, ..) => Step::From,
            (_, None, ..) => Step::To,
            (_, Some(Destination::Out), None, _) => Step::Purpose,
            (_, _, _, None) => Step::Amount,
            _ => Step::Summary,
        }
    }

    /// The payment, once all is known.
    #[must_use]
    pub fn payment(&self) -> Option<Payment> {
        Some(Payment {
            family_id: self.family_id?,
            from: Some(self.from?),
            to: match self.to? {
                Destination::Out => None,
                Destination::Wallet(id) => Some(id),
            },
            amount: AmountText::new(self.amount.as_ref()?),
            category: match self.purpose {
                Some(Purpose::Category(id)) => Some(id),
                Some(Purpose::Nothing) | None => None,
            },
            description: self.note.clone(),
            recurring_id: None,
        })
    }

    /// The purse and the wallet that it takes from, where they are still there.
    #[must_use]
    pub fn source<'a>(&self, purses: &'a [Purse]) -> Option<(&'a Purse, &'a Wallet)> {
        let purse = purses.iter().find(|purse| Some(purse.family.id) == self.family_id)?;
        Some((purse, purse.wallet(self.from?)?))
    }
}

impl Purse {
    /// An open wallet of it.
    #[must_use]
    pub fn wallet(&self, id: WalletId) -> Option<&Wallet> {
        self.wallets.iter().find(|wallet| wallet.id == id)
    }
}
