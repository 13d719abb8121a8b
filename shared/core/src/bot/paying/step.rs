//! One step of the conversation: a choice, or an amount in words.

use super::{Choice, Destination, Draft, Paying, Purpose, Purse, Step};
use crate::{Moment, family::Category, ledger::Wallet, limits, money::AmountText};

/// What a choice brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The conversation goes on.
    Ask(Paying),
    /// The money is to be moved.
    Confirm,
    /// It ends, and nothing is moved.
    Cancel,
    /// The choice is none of this step's, or what it names is not there any more.
    Unfit,
}

/// An amount that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Paying {
    /// What this choice brings.
    #[must_use]
    pub fn choose(&self, choice: Choice, purses: &[Purse], now: Moment) -> Next {
        match (self.draft.step(), choice) {
            (_, Choice::Cancel) => Next::Cancel,
            (Step::Summary, Choice::Confirm) => Next::Confirm,
            _ => self.draft.with(choice, purses).map_or(Next::Unfit, |draft| Next::Ask(self.next(draft, now))),
        }
    }

    /// The amount, as a person writes it: `12.50`, `12,5`, `12.50 EUR`.
    ///
    /// # Errors
    /// Where it is none in the wallet's currency.
    pub fn amount(&self, written: &str, purses: &[Purse], now: Moment) -> Result<Self, Unreadable> {
        let (_, wallet) = self.draft.source(purses).ok_or(Unreadable)?;
        let written = written.trim();
        let code = wallet.currency.code();
        let cut = written.len().saturating_sub(code.len());
        let digits = match (written.get(..cut), written.get(cut..)) {
            (Some(digits), Some(end)) if end.eq_ignore_ascii_case(code) => digits.trim(),
            _ => written,
        };
        let amount = read_amount(digits).ok_or(Unreadable)?;
        wallet.currency.amount(&AmountText::new(&amount)).map_err(|_| Unreadable)?;
        Ok(self.next(Draft { amount: Some(amount), ..self.draft.clone() }, now))
    }

    /// The same, asked for the amount again: the wallet does not hold so much.
    #[must_use]
    pub fn without_amount(&self, now: Moment) -> Self {
        self.next(Draft { amount: None, ..self.draft.clone() }, now)
    }

    fn next(&self, draft: Draft, now: Moment) -> Self {
        let live_until = now.plus_seconds(limits::CONVERSATION_SECONDS);
        Self { version: self.version.saturating_add(1), live_until, draft, ..self.clone() }
    }
}

impl Draft {
    /// With what was chosen; none where that is nothing to be chosen at this step.
    fn with(&self, choice: Choice, purses: &[Purse]) -> Option<Self> {
        let mut draft = self.clone();
        match (self.step(), choice) {
            (Step::From, Choice::Wallet(id)) => {
                let (purse, wallet) = purses.iter().find_map(|purse| Some((purse, purse.wallet(id)?)))?;
                draft.take_from(purse, wallet);
            }
            (Step::To, Choice::Out) => draft.to = Some(Destination::Out),
            (Step::To, Choice::Wallet(id)) => {
                let wallet = *self.destinations(purses).iter().find(|wallet| wallet.id == id)?;
                draft.to = Some(Destination::Wallet(wallet.id));
            }
            (Step::Purpose, Choice::NoCategory) => draft.purpose = Some(Purpose::Nothing),
            (Step::Purpose, Choice::Category(id)) => {
                let category = *self.purposes(purses).iter().find(|category| category.id == id)?;
                draft.purpose = Some(Purpose::Category(category.id));
            }
            _ => return None,
        }
        Some(draft)
    }

    /// Takes the wallet; what was written behind the amount is a category's name in its family, or a note.
    pub(super) fn take_from(&mut self, purse: &Purse, wallet: &Wallet) {
        self.family_id = Some(purse.family.id);
        self.from = Some(wallet.id);
        let readable = |amount: &String| wallet.currency.amount(&AmountText::new(amount)).is_ok();
        self.amount = self.amount.take().filter(readable);
        if let Some(written) = self.written.take() {
            match named(&written, &purse.family.categories) {
                Some(category) => self.purpose = Some(Purpose::Category(category.id)),
                None => self.note = Some(written),
            }
        }
    }

    /// The wallets that it may go to: of the same family and currency.
    #[must_use]
    pub fn destinations<'a>(&self, purses: &'a [Purse]) -> Vec<&'a Wallet> {
        let Some((purse, from)) = self.source(purses) else { return Vec::new() };
        let fits = |wallet: &&Wallet| wallet.id != from.id && wallet.currency == from.currency;
        purse.wallets.iter().filter(fits).collect()
    }

    /// What it may be for.
    #[must_use]
    pub fn purposes<'a>(&self, purses: &'a [Purse]) -> Vec<&'a Category> {
        let source = self.source(purses);
        source
            .into_iter()
            .flat_map(|(purse, _)| &purse.family.categories)
            .filter(|category| !category.archived)
            .collect()
    }
}

/// The category of this name, whole or its only beginning, in any case.
fn named<'a>(written: &str, categories: &'a [Category]) -> Option<&'a Category> {
    let wanted = written.to_lowercase();
    let open = || categories.iter().filter(|category| !category.archived);
    let whole = open().find(|category| category.name.to_lowercase() == wanted);
    let mut begun = open().filter(|category| category.name.to_lowercase().starts_with(&wanted));
    whole.or_else(|| begun.next().filter(|_| begun.next().is_none()))
}

/// An amount as people write it, in the form of the ledger: a comma is a point.
pub(super) fn read_amount(written: &str) -> Option<String> {
    let amount = written.replace(',', ".");
    let form = amount.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let one_point = amount.matches('.').count() <= 1;
    let digits = amount.starts_with(|first: char| first.is_ascii_digit()) && !amount.ends_with('.');
    let fits = form && one_point && digits && amount.len() <= limits::AMOUNT_CHARS;
    let amount = amount.trim_start_matches('0');
    let zero = if amount.is_empty() || amount.starts_with('.') { "0" } else { "" };
    fits.then(|| format!("{zero}{amount}"))
}
