//! Reverses a transaction, once, by another one the other way round. Over the threshold it waits like any payment.

use super::{
    movement::{Kind, Movement, ReversalMark, Standing, Status},
    posting::{self, Posted},
    thresholds::{Spent, reasons},
    wallet::{Wallet, unknown_wallet},
};
use crate::{
    Moment, Refusal,
    chain::Head,
    family::{Change, Family, FamilyPermit, FamilyWrite, Permission, unknown_family},
};

/// What a reversal is judged by: all of one consistent moment.
#[derive(Clone, Debug)]
pub struct ReversalFacts {
    /// The family.
    pub family: Family,
    /// How far its log is.
    pub head: Head,
    /// The wallet that the money goes back from: the one that it went to.
    pub from: Option<Wallet>,
    /// The wallet that it goes back to.
    pub to: Option<Wallet>,
    /// What whoever reverses paid without approval.
    pub spent: Option<Spent>,
    /// The transaction to reverse.
    pub standing: Standing,
}

/// Why the reversal needs approval; nothing: it is executed at once.
///
/// # Errors
/// 403 where the permit is for another thing; 409 where the transaction cannot be reversed (any more), or the money is not
/// there to give back, with `available`.
pub fn judge_reversal(permit: &FamilyPermit, facts: &ReversalFacts, now: Moment) -> Result<Vec<String>, Refusal> {
    permit.check(facts.family.id, Permission::Reverse)?;
    reversible(&facts.standing)?;
    let movement = &facts.standing.movement;
    let is_there = |named: bool, wallet: &Option<Wallet>| named == wallet.is_some();
    if !is_there(movement.to_wallet_id.is_some(), &facts.from)
        || !is_there(movement.from_wallet_id.is_some(), &facts.to)
    {
        return Err(unknown_wallet());
    }
    if let Some(to) = &facts.to {
        to.open()?.moved(movement.amount_minor)?;
    }
    match &facts.from {
        // It takes from a wallet: a window counts it with what was paid.
        Some(from) if from.open()?.available_minor() < movement.amount_minor => Err(from.not_enough()),
        Some(from) => over(permit, facts, from, facts.spent.as_ref(), now),
        // Money comes back from outside: like the payment, it is held to the threshold of the wallet that gets it.
        None => over(permit, facts, facts.to.as_ref().ok_or_else(unknown_wallet)?, None, now),
    }
}

/// The threshold and the rules, as of a payment from this wallet.
fn over(
    permit: &FamilyPermit,
    facts: &ReversalFacts,
    wallet: &Wallet,
    spent: Option<&Spent>,
    now: Moment,
) -> Result<Vec<String>, Refusal> {
    let actor = permit.actor().and_then(|id| facts.family.member(id)).ok_or_else(unknown_family)?;
    let movement = &facts.standing.movement;
    let spent = spent.cloned().unwrap_or_else(|| Spent::nothing(actor.user_id));
    let reasons = reasons(&facts.family, actor, wallet, movement.category_id, movement.amount_minor, &spent, now);
    if !reasons.is_empty() {
        posting::room_to_wait(&facts.head)?;
    }
    Ok(reasons)
}

fn reversible(standing: &Standing) -> Result<(), Refusal> {
    let conflict = |said: String| Err(Refusal::conflict(said).with("transaction_status", standing.status().as_str()));
    match (standing.status(), standing.movement.kind) {
        (Status::Executed, Kind::Opening) => conflict("An opening balance is not reversed: enter a payment".into()),
        (Status::Executed, Kind::Reversal) => conflict("A reversal is not reversed: enter the payment again".into()),
        (Status::Executed, _) if standing.reversal.is_some() => conflict("Its reversal waits for approval".into()),
        (Status::Executed, _) => Ok(()),
        (Status::PendingApproval, _) => conflict("The transaction waits: reject it, or take it back".into()),
        (status, _) => conflict(format!("The transaction is {} already", status.as_str())),
    }
}

/// Posts a judged reversal.
///
/// # Errors
/// 409 where a balance would leave its range.
pub fn post_reversal(
    permit: &FamilyPermit,
    facts: &ReversalFacts,
    posted: Posted,
    reason: Option<String>,
    now: Moment,
) -> Result<(Change, Movement), Refusal> {
    let original = &facts.standing.movement;
    let movement = Movement {
        id: posted.id,
        kind: Kind::Reversal,
        from_wallet_id: original.to_wallet_id,
        to_wallet_id: original.from_wallet_id,
        description: None,
        made_by: permit.actor().ok_or_else(unknown_family)?,
        counts_for: Some(original.counts_for.unwrap_or(original.made_by)),
        made_at: now,
        waiting: posted.waiting,
        reverses: Some(original.id),
        reason,
        recurring_id: None,
        ..original.clone()
    };
    let mut change = Change::begin(permit, &facts.head, now);
    posting::enter(&mut change, &movement);
    let mut mark = ReversalMark { movement_id: original.id, reversal_id: movement.id, reversed_at: None };
    if movement.waiting.is_some() {
        posting::hold(&mut change, &movement, facts.from.as_ref());
    } else {
        posting::execute(&mut change, &movement, facts.from.as_ref(), facts.to.as_ref(), now)?;
        change.happened("transaction.executed", posting::seen(&movement));
        posting::count(&mut change, (&facts.family, facts.spent.as_ref()), &movement, now);
        mark.reversed_at = Some(now);
    }
    change.write(FamilyWrite::Reversal(mark));
    Ok((change, movement))
}
