//! A wallet: its balance, what is held of it, and how far below zero it may go.

use serde::{Deserialize, Serialize};

use crate::{
    FamilyId, Moment, Refusal, WalletId,
    money::{Currency, MOST_MINOR},
};

/// What kind of wallet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalletKind {
    /// Notes and coins.
    Cash,
    /// A bank account.
    Bank,
    /// A debit card or a purse.
    Card,
    /// Money put aside.
    Savings,
    /// A credit: the only kind that may go below zero, as far as its limit.
    Credit,
}

impl WalletKind {
    /// Reads the wire's name.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        [Self::Cash, Self::Bank, Self::Card, Self::Savings, Self::Credit]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Refusal::invalid("type must be cash, bank, card, savings or credit"))
    }

    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Bank => "bank",
            Self::Card => "card",
            Self::Savings => "savings",
            Self::Credit => "credit",
        }
    }
}

/// A wallet of a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallet {
    /// Its id.
    pub id: WalletId,
    /// Whose.
    pub family_id: FamilyId,
    /// Its name. (`name` is a reserved word of DynamoDB's.)
    #[serde(rename = "wallet_name")]
    pub name: String,
    /// What kind.
    #[serde(rename = "wallet_kind")]
    pub kind: WalletKind,
    /// Its one currency.
    pub currency: Currency,
    /// What is in it, in minor units: the sum of its entries.
    pub balance_minor: i64,
    /// What waiting transactions hold of it, in minor units.
    pub held_minor: i64,
    /// How far below zero it may go, in minor units; zero but for a credit.
    pub credit_minor: i64,
    /// When it was made.
    pub created_at: Moment,
    /// Since when it takes no new transactions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Moment>,
}

/// What a new wallet is made of.
#[derive(Clone, Debug)]
pub struct NewWallet {
    /// Its id.
    pub id: WalletId,
    /// Its name, read.
    pub name: String,
    /// What kind.
    pub kind: WalletKind,
    /// Its currency.
    pub currency: Currency,
    /// How far below zero it may go, in minor units.
    pub credit_minor: i64,
}

impl Wallet {
    /// A new one, empty.
    #[must_use]
    pub fn new(family_id: FamilyId, new: NewWallet, at: Moment) -> Self {
        Self {
            id: new.id,
            family_id,
            name: new.name,
            kind: new.kind,
            currency: new.currency,
            balance_minor: 0,
            held_minor: 0,
            credit_minor: new.credit_minor,
            created_at: at,
            archived_at: None,
        }
    }

    /// What may still be taken, in minor units.
    #[must_use]
    pub fn available_minor(&self) -> i64 {
        self.balance_minor.saturating_add(self.credit_minor).saturating_sub(self.held_minor)
    }

    /// Refuses a wallet that takes no new transactions.
    ///
    /// # Errors
    /// 409 where it is archived.
    pub fn open(&self) -> Result<&Self, Refusal> {
        match self.archived_at {
            None => Ok(self),
            Some(_) => Err(Refusal::conflict(format!("The wallet {} is archived", self.name))),
        }
    }

    /// The wallet with so much more, or less.
    ///
    /// # Errors
    /// 409 where the balance would leave the range of [`MOST_MINOR`].
    pub fn moved(&self, delta_minor: i64) -> Result<Self, Refusal> {
        let balance = self.balance_minor.checked_add(delta_minor).filter(|minor| minor.abs() <= MOST_MINOR);
        let balance_minor = balance.ok_or_else(|| Refusal::conflict("The balance would be out of range"))?;
        Ok(Self { balance_minor, ..self.clone() })
    }

    /// The wallet with so much more held, or less.
    #[must_use]
    pub fn held(&self, delta_minor: i64) -> Self {
        Self { held_minor: self.held_minor.saturating_add(delta_minor), ..self.clone() }
    }

    /// 409 with what is available.
    #[must_use]
    pub fn not_enough(&self) -> Refusal {
        let available = self.currency.format(self.available_minor());
        let said = format!("Not enough money in {}: {available} {} available", self.name, self.currency);
        Refusal::conflict(said).with("available", available)
    }
}

/// 404: there is no such wallet in this family.
#[must_use]
pub fn unknown_wallet() -> Refusal {
    Refusal::not_found("No such wallet")
}
