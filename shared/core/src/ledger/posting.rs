//! Judges a payment against the facts and posts it: executed with its entries and totals, or held until it is decided.

use serde_json::json;

use super::{
    entry::{Booking, Entry, List},
    movement::{Kind, Movement, Waiting},
    payment::Payment,
    thresholds::{Bucket, Spent, day_of, reasons},
    totals,
    wallet::{Wallet, unknown_wallet},
};
use crate::{
    Moment, MovementId, Refusal, WalletId,
    chain::Head,
    family::{Change, Family, FamilyPermit, FamilyWrite, Permission, unknown_family},
    limits,
    money::Currency,
};

/// What a payment is judged by: all of one consistent moment.
#[derive(Clone, Debug)]
pub struct PaymentFacts {
    /// The family.
    pub family: Family,
    /// How far its log is.
    pub head: Head,
    /// The wallet that is taken from, where one is named and there.
    pub from: Option<Wallet>,
    /// The wallet that is given to, where one is named and there.
    pub to: Option<Wallet>,
    /// What the payer paid without approval.
    pub spent: Option<Spent>,
}

/// A payment that may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What kind.
    pub kind: Kind,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// Why it needs approval; nothing: it is executed at once.
    pub reasons: Vec<String>,
}

/// What is left of a payment to post.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The transaction's id.
    pub id: MovementId,
    /// That it waits; none: it is executed.
    pub waiting: Option<Waiting>,
}

/// Judges a payment.
///
/// # Errors
/// 400 for an amount that is none and for two currencies; 403 where the permit is for another thing; 404 for an unknown
/// wallet or category; 409 with `available` where there is not enough money, and for what is archived or full.
pub fn judge(permit: &FamilyPermit, facts: &PaymentFacts, payment: &Payment, now: Moment) -> Result<Judged, Refusal> {
    let from = named(payment.from, facts.from.as_ref())?;
    let to = named(payment.to, facts.to.as_ref())?;
    let (kind, currency) = (payment.kind(), currency(from, to)?);
    let wanted = if kind == Kind::Income { Permission::BookIncome } else { Permission::Pay };
    permit.check(facts.family.id, wanted)?;
    let amount_minor = currency.amount(&payment.amount)?;
    category(&facts.family, payment)?;
    if let Some(to) = to {
        to.open()?.moved(amount_minor)?;
    }
    let reasons = match from {
        None => Vec::new(),
        Some(from) => takes(permit, facts, payment, from, amount_minor, now)?,
    };
    Ok(Judged { kind, amount_minor, currency, reasons })
}

fn takes(
    permit: &FamilyPermit,
    facts: &PaymentFacts,
    payment: &Payment,
    from: &Wallet,
    amount_minor: i64,
    now: Moment,
) -> Result<Vec<String>, Refusal> {
    if from.open()?.available_minor() < amount_minor {
        return Err(from.not_enough());
    }
    let payer = permit.actor().and_then(|id| facts.family.member(id)).ok_or_else(unknown_family)?;
    let spent = facts.spent.clone().unwrap_or_else(|| Spent::nothing(payer.user_id));
    let reasons = reasons(&facts.family, payer, from, payment.category, amount_minor, &spent, now);
    if !reasons.is_empty() {
        room_to_wait(&facts.head)?;
    }
    Ok(reasons)
}

/// Refuses one more waiting transaction where there are too many.
pub(super) fn room_to_wait(head: &Head) -> Result<(), Refusal> {
    if head.open < limits::OPEN_MOVEMENTS {
        return Ok(());
    }
    Err(Refusal::conflict(format!("{} transactions wait for a decision already", limits::OPEN_MOVEMENTS)))
}

fn named(id: Option<WalletId>, wallet: Option<&Wallet>) -> Result<Option<&Wallet>, Refusal> {
    match (id, wallet) {
        (None, _) => Ok(None),
        (Some(id), Some(wallet)) if wallet.id == id => Ok(Some(wallet)),
        (Some(_), _) => Err(unknown_wallet()),
    }
}

fn currency(from: Option<&Wallet>, to: Option<&Wallet>) -> Result<Currency, Refusal> {
    match (from, to) {
        (Some(from), Some(to)) if from.currency != to.currency => Err(Refusal::invalid(format!(
            "The wallets have different currencies, {} and {}: money is not converted",
            from.currency, to.currency
        ))),
        (Some(wallet), _) | (None, Some(wallet)) => Ok(wallet.currency),
        (None, None) => Err(unknown_wallet()),
    }
}

fn category(family: &Family, payment: &Payment) -> Result<(), Refusal> {
    let Some(id) = payment.category else { return Ok(()) };
    match family.category(id) {
        None => Err(Refusal::not_found("No such category")),
        Some(category) if category.archived => {
            Err(Refusal::conflict(format!("The category {} is archived", category.name)))
        }
        Some(_) => Ok(()),
    }
}

/// Posts a judged payment: it is executed, or held and waits.
///
/// # Errors
/// 409 where a balance would leave its range.
pub fn post(
    permit: &FamilyPermit,
    facts: &PaymentFacts,
    payment: &Payment,
    judged: &Judged,
    posted: Posted,
    now: Moment,
) -> Result<(Change, Movement), Refusal> {
    let payer = permit.actor().ok_or_else(unknown_family)?;
    let movement = Movement {
        id: posted.id,
        family_id: facts.family.id,
        kind: judged.kind,
        from_wallet_id: payment.from,
        to_wallet_id: payment.to,
        amount_minor: judged.amount_minor,
        currency: judged.currency,
        category_id: payment.category,
        description: payment.description.clone(),
        made_by: payer,
        counts_for: None,
        made_at: now,
        waiting: posted.waiting,
        reverses: None,
        reason: None,
        recurring_id: payment.recurring_id,
    };
    let mut change = Change::begin(permit, &facts.head, now);
    enter(&mut change, &movement);
    match movement.waiting {
        Some(_) => hold(&mut change, &movement, facts.from.as_ref()),
        None => {
            execute(&mut change, &movement, facts.from.as_ref(), facts.to.as_ref(), now)?;
            change.happened("transaction.executed", seen(&movement));
            count(&mut change, (&facts.family, facts.spent.as_ref()), &movement, now);
        }
    }
    Ok((change, movement))
}

/// Writes the transaction and the lines of its lists.
pub(super) fn enter(change: &mut Change, movement: &Movement) {
    change.write(FamilyWrite::Movement(movement.clone()));
    let wallets = [movement.from_wallet_id, movement.to_wallet_id].into_iter().flatten().map(List::Wallet);
    let lists = [List::All].into_iter().chain(wallets).chain(movement.category_id.map(List::Category));
    for list in lists {
        change.write(FamilyWrite::Booking(Booking { list, movement_id: movement.id }));
    }
}

/// Holds what waits in the wallet that it takes from.
pub(super) fn hold(change: &mut Change, movement: &Movement, from: Option<&Wallet>) {
    change.happened("transaction.pending", seen(movement));
    if let Some(from) = from {
        change.write(FamilyWrite::Wallet(from.held(movement.amount_minor)));
    }
    change.head.open = change.head.open.saturating_add(1);
    change.write(FamilyWrite::Open(movement.id));
}

/// Moves the money: both sides, and the totals. The wallets are as they shall be found, holds already given back.
pub(super) fn execute(
    change: &mut Change,
    movement: &Movement,
    from: Option<&Wallet>,
    to: Option<&Wallet>,
    now: Moment,
) -> Result<(), Refusal> {
    let sides = [(from, -movement.amount_minor), (to, movement.amount_minor)];
    for (wallet, delta_minor) in sides {
        let Some(wallet) = wallet else { continue };
        let wallet = wallet.moved(delta_minor)?;
        change.write(FamilyWrite::Entry(Entry {
            wallet_id: wallet.id,
            movement_id: movement.id,
            delta_minor,
            balance_minor: wallet.balance_minor,
            currency: wallet.currency,
            at: now,
        }));
        change.write(FamilyWrite::Wallet(wallet));
    }
    for total in totals::of(movement, now) {
        change.write(FamilyWrite::Total(total));
    }
    Ok(())
}

/// Counts what was paid without approval, where a rule has a window.
pub(super) fn count(change: &mut Change, (family, spent): (&Family, Option<&Spent>), movement: &Movement, now: Moment) {
    let Some(wallet_id) = movement.from_wallet_id else { return };
    if !family.rules.iter().any(|rule| rule.window_days.is_some()) {
        return;
    }
    let spent = spent.cloned().unwrap_or_else(|| Spent::nothing(movement.made_by));
    let bucket = Bucket {
        day: day_of(now),
        wallet_id,
        category_id: movement.category_id,
        minor: movement.amount_minor,
        currency: movement.currency,
    };
    change.write(FamilyWrite::Spent(spent.with(bucket)));
}

/// A transaction as the event log tells it.
pub(super) fn seen(movement: &Movement) -> serde_json::Value {
    json!({
        "transaction_id": movement.id,
        "kind": movement.kind.as_str(),
        "from_wallet_id": movement.from_wallet_id,
        "to_wallet_id": movement.to_wallet_id,
        "amount": movement.currency.format(movement.amount_minor),
        "currency": movement.currency,
        "category_id": movement.category_id,
        "made_by": movement.made_by,
        "reverses": movement.reverses,
    })
}
