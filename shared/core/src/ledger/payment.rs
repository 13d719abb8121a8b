//! What a request to move money says, read: the ids and the form of its amount; the ledger judges it.

use serde::Deserialize;

use super::movement::Kind;
use crate::{CategoryId, FamilyId, RecurringId, Refusal, WalletId, approval::one_line, limits, money::AmountText};

/// The body of `POST /api/v1/transactions`.
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentForm {
    /// Whose money.
    pub family_id: FamilyId,
    /// The wallet that it takes from; none: income.
    #[serde(default)]
    pub from_wallet_id: Option<WalletId>,
    /// The wallet that it goes to; none: an expense.
    #[serde(default)]
    pub to_wallet_id: Option<WalletId>,
    /// How much.
    pub amount: AmountText,
    /// What for.
    #[serde(default)]
    pub category_id: Option<CategoryId>,
    /// What is said of it.
    #[serde(default)]
    pub description: Option<String>,
    /// Only say what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

/// A payment, a transfer or an income that somebody wants.
#[derive(Clone, Debug)]
pub struct Payment {
    /// Whose money.
    pub family_id: FamilyId,
    /// The wallet that it takes from.
    pub from: Option<WalletId>,
    /// The wallet that it goes to.
    pub to: Option<WalletId>,
    /// How much, until the wallet's currency is known.
    pub amount: AmountText,
    /// What for.
    pub category: Option<CategoryId>,
    /// What is said of it.
    pub description: Option<String>,
    /// What makes it come again.
    pub recurring_id: Option<RecurringId>,
}

impl Payment {
    /// Reads the form.
    ///
    /// # Errors
    /// 400 where no wallet is named, twice the same one, or the description is too long.
    pub fn read(form: PaymentForm) -> Result<Self, Refusal> {
        match (form.from_wallet_id, form.to_wallet_id) {
            (None, None) => return Err(Refusal::invalid("from_wallet_id or to_wallet_id must name a wallet")),
            (Some(from), Some(to)) if from == to => {
                return Err(Refusal::invalid("from_wallet_id and to_wallet_id must differ"));
            }
            _ => {}
        }
        Ok(Self {
            family_id: form.family_id,
            from: form.from_wallet_id,
            to: form.to_wallet_id,
            amount: form.amount,
            category: form.category_id,
            description: text("description", form.description)?,
            recurring_id: None,
        })
    }

    /// What kind of transaction it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match (self.from, self.to) {
            (None, _) => Kind::Income,
            (Some(_), None) => Kind::Expense,
            (Some(_), Some(_)) => Kind::Transfer,
        }
    }
}

/// A text as it is kept: on one line; none where nothing is left of it.
///
/// # Errors
/// 400 where it has more than [`limits::MONEY_TEXT_CHARS`] characters.
pub fn text(field: &'static str, given: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(given) = given else { return Ok(None) };
    if given.chars().count() > limits::MONEY_TEXT_CHARS {
        return Err(Refusal::invalid(format!("{field} must have at most {} characters", limits::MONEY_TEXT_CHARS)));
    }
    Ok(Some(one_line(&given)).filter(|text| !text.is_empty()))
}
