//! What comes again is set, changed, taken away; it moves on in the commit that pays, and is paused where it cannot pay.

use serde_json::json;

use super::{Ground, alert};
use crate::{
    CategoryId, Moment, Person, RecurringId, Refusal, WalletId,
    day::Day,
    family::{Change, Family, FamilyPermit, FamilyWrite, Permission, unknown_family},
    ledger::{Wallet, unknown_wallet},
    limits,
    messaging::words::alerts,
    money::AmountText,
    planning::budgets::unknown_category,
    recurring::{Every, Pause, Recurring},
};

/// What a new one is made of.
#[derive(Clone, Debug)]
pub struct NewRecurring {
    /// Its id.
    pub id: RecurringId,
    /// The wallet that it takes from; none: income.
    pub from: Option<WalletId>,
    /// The wallet that it goes to; none: an expense.
    pub to: Option<WalletId>,
    /// How much, until the wallet's currency is known.
    pub amount: AmountText,
    /// What for.
    pub category_id: Option<CategoryId>,
    /// What is said of it, read.
    pub description: Option<String>,
    /// How often.
    pub every: Every,
    /// The first due day.
    pub starts_on: Day,
    /// No due day is later.
    pub ends_on: Option<Day>,
}

/// What changes; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct RecurringChange {
    /// How much.
    pub amount: Option<AmountText>,
    /// What is said of it, read.
    pub description: Option<Option<String>>,
    /// No due day is later; `Some(None)` takes it away.
    pub ends_on: Option<Option<Day>>,
    /// Whether it runs.
    pub paused: Option<bool>,
}

/// The wallets that it names, where they are there.
#[derive(Clone, Copy, Debug)]
pub struct Wallets<'a> {
    /// That it takes from.
    pub from: Option<&'a Wallet>,
    /// That it goes to.
    pub to: Option<&'a Wallet>,
}

/// Sets one.
///
/// # Errors
/// 400 for a bad amount, two currencies, no wallet, or days in the past; 403 where the permit is for another thing; 404 for
/// an unknown wallet or category; 409 for what is archived, and where there are [`limits::FAMILY_RECURRING`] already.
pub fn create(
    permit: &FamilyPermit,
    ground: Ground<'_>,
    wallets: Wallets<'_>,
    there_are: usize,
    new: NewRecurring,
    now: Moment,
) -> Result<(Change, Recurring), Refusal> {
    ground.check(permit, Permission::ChangeRecurring)?;
    if there_are >= limits::FAMILY_RECURRING {
        let most = limits::FAMILY_RECURRING;
        return Err(Refusal::conflict(format!("A family has at most {most} recurring transactions")));
    }
    if new.starts_on < Day::of(now) || new.ends_on.is_some_and(|ends_on| ends_on < new.starts_on) {
        return Err(Refusal::invalid("starts_on must not be in the past, nor after ends_on"));
    }
    named(ground.family, new.category_id)?;
    let wallet = wallet(&new, wallets)?;
    let recurring = Recurring {
        id: new.id,
        family_id: ground.family.id,
        from_wallet_id: new.from,
        to_wallet_id: new.to,
        amount_minor: wallet.currency.amount(&new.amount)?,
        currency: wallet.currency,
        category_id: new.category_id,
        description: new.description,
        every: new.every,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        next_on: None,
        runs: 0,
        paused: None,
        made_by: permit.actor().ok_or_else(unknown_family)?,
        made_at: now,
    }
    .scheduled();
    let mut change = told(permit, ground, "recurring.set", &recurring, now);
    change.write(FamilyWrite::RecurringOwner(recurring.id));
    Ok((change, recurring))
}

/// One wallet of those that are named: all of them are there, open, and of one currency.
fn wallet<'a>(new: &NewRecurring, wallets: Wallets<'a>) -> Result<&'a Wallet, Refusal> {
    let is_there = |id: Option<WalletId>, wallet: Option<&Wallet>| id == wallet.map(|wallet| wallet.id);
    if !is_there(new.from, wallets.from) || !is_there(new.to, wallets.to) {
        return Err(unknown_wallet());
    }
    match (wallets.from, wallets.to) {
        (None, None) => Err(Refusal::invalid("from_wallet_id or to_wallet_id must name a wallet")),
        (Some(wallet), None) | (None, Some(wallet)) => wallet.open(),
        (Some(from), Some(to)) if from.id == to.id => {
            Err(Refusal::invalid("from_wallet_id and to_wallet_id must differ"))
        }
        (Some(from), Some(to)) if from.currency != to.currency => {
            Err(Refusal::invalid("The wallets have different currencies: money is not converted"))
        }
        (Some(from), Some(to)) => to.open().and_then(|_| from.open()),
    }
}

fn named(family: &Family, category_id: Option<CategoryId>) -> Result<(), Refusal> {
    let Some(id) = category_id else { return Ok(()) };
    let category = family.category(id).ok_or_else(unknown_category)?;
    if category.archived {
        return Err(Refusal::conflict(format!("The category {} is archived", category.name)));
    }
    Ok(())
}

/// Changes one. Whoever changes what is paid, or until when, or lets it run again, is who it pays for from then on: it waits
/// for somebody else's approval, and what it may do is what they may. Where it runs again or goes on after its end, what was
/// due meanwhile is left out.
///
/// # Errors
/// 400 for a bad amount; 403 where the permit is for another thing.
pub fn change(
    permit: &FamilyPermit,
    ground: Ground<'_>,
    recurring: &Recurring,
    changed: RecurringChange,
    now: Moment,
) -> Result<(Change, Recurring), Refusal> {
    ground.check(permit, Permission::ChangeRecurring)?;
    let mut next = recurring.clone();
    if let Some(amount) = changed.amount {
        next.amount_minor = next.currency.amount(&amount)?;
    }
    next.description = changed.description.unwrap_or(next.description);
    if let Some(ends_on) = changed.ends_on {
        next = next.until(ends_on, now);
    }
    next = match changed.paused {
        Some(true) if next.paused.is_none() => Recurring { paused: Some(Pause { since: now, reason: None }), ..next },
        Some(false) if next.paused.is_some() => next.resumed(now),
        _ => next,
    };
    if pays_otherwise(recurring, &next) {
        next.made_by = permit.actor().ok_or_else(unknown_family)?;
    }
    Ok((told(permit, ground, "recurring.changed", &next, now), next))
}

/// Whether it pays anything after the change that it would not have paid before. To pause it or to say something else of it
/// pays nothing.
fn pays_otherwise(before: &Recurring, after: &Recurring) -> bool {
    let runs_again = before.paused.is_some() && after.paused.is_none();
    runs_again || (before.amount_minor, before.ends_on) != (after.amount_minor, after.ends_on)
}

fn told(permit: &FamilyPermit, ground: Ground<'_>, kind: &str, recurring: &Recurring, now: Moment) -> Change {
    let mut change = Change::begin(permit, ground.head, now);
    let told = json!({
        "recurring_id": recurring.id,
        "amount": recurring.currency.format(recurring.amount_minor),
        "currency": recurring.currency,
        "every": recurring.every,
        "next_on": recurring.next_on,
        "paused": recurring.paused.is_some(),
        "made_by": recurring.made_by,
    });
    change.happened(kind, told);
    change.write(FamilyWrite::Recurring(recurring.clone()));
    change
}

/// Takes one away. What it has paid stays.
///
/// # Errors
/// 403 where the permit is for another thing.
pub fn remove(
    permit: &FamilyPermit,
    ground: Ground<'_>,
    recurring: &Recurring,
    now: Moment,
) -> Result<Change, Refusal> {
    ground.check(permit, Permission::ChangeRecurring)?;
    let mut change = Change::begin(permit, ground.head, now);
    change.happened("recurring.removed", json!({ "recurring_id": recurring.id }));
    change.write(FamilyWrite::NoRecurring(recurring.id));
    Ok(change)
}

/// Adds to the change that pays for a due day that the next one follows: both happen, or neither.
pub fn paid(change: &mut Change, recurring: &Recurring) {
    change.write(FamilyWrite::Recurring(recurring.ran()));
}

/// Pauses one that could not pay, and tells these people why.
#[must_use]
pub fn pause(ground: Ground<'_>, recurring: &Recurring, reason: &str, people: &[Person], now: Moment) -> Change {
    let mut change = Change::begin(&FamilyPermit::of_hour(ground.family.id), ground.head, now);
    let day = recurring.next_on.map(|day| day.to_string()).unwrap_or_default();
    change.happened("recurring.paused", json!({ "recurring_id": recurring.id, "due_on": day, "reason": reason }));
    let amount = recurring.currency.show(recurring.amount_minor);
    alert::send(&mut change, people, |language| {
        let what = recurring.description.as_deref().unwrap_or_else(|| alerts::recurring_payment(language));
        alerts::recurring_paused(language, &ground.family.name, what, &amount, &day, reason)
    });
    let paused = Some(Pause { since: now, reason: Some(reason.to_owned()) });
    change.write(FamilyWrite::Recurring(Recurring { paused, ..recurring.clone() }));
    change
}

/// 404: there is no such recurring transaction, or it is another family's.
#[must_use]
pub fn unknown_recurring() -> Refusal {
    Refusal::not_found("No such recurring transaction")
}
