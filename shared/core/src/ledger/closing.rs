//! Closes a transaction that waited, exactly once: executed, rejected, taken back or expired. The hold ends with it.

use serde_json::json;

use super::{
    movement::{Closing, End, ReversalMark, Standing, Status},
    posting,
    wallet::Wallet,
};
use crate::{
    Moment, Refusal, UserId,
    approval::{Ending, Proposal, State},
    chain::Head,
    family::{Change, Family, FamilyPermit, FamilyWrite, Permission, unknown_family},
};

/// What closing a transaction is judged by: all of one consistent moment.
#[derive(Clone, Debug)]
pub struct ClosingFacts {
    /// The family.
    pub family: Family,
    /// How far its log is.
    pub head: Head,
    /// The wallet that it takes from.
    pub from: Option<Wallet>,
    /// The wallet that it goes to.
    pub to: Option<Wallet>,
    /// The transaction.
    pub standing: Standing,
}

/// What somebody says with a decision.
#[derive(Clone, Debug, Default)]
pub struct Deciding {
    /// Why.
    pub reason: Option<String>,
}

/// Approves and executes it.
///
/// # Errors
/// 403 for whoever entered it; 409 where it does not wait any more, its time is over, or the wallet that it goes to is archived.
pub fn confirm(permit: &FamilyPermit, facts: &ClosingFacts, now: Moment) -> Result<Change, Refusal> {
    may_decide(permit, facts, now)?;
    close(permit, facts, End::Executed, permit.actor(), None, now)
}

/// Rejects it.
///
/// # Errors
/// As [`confirm`].
pub fn reject(permit: &FamilyPermit, facts: &ClosingFacts, deciding: Deciding, now: Moment) -> Result<Change, Refusal> {
    may_decide(permit, facts, now)?;
    close(permit, facts, End::Rejected, permit.actor(), deciding.reason, now)
}

/// Takes back what one has entered oneself.
///
/// # Errors
/// 403 for what somebody else entered, and where the permit is for another thing; 409 where it does not wait any more.
pub fn cancel(permit: &FamilyPermit, facts: &ClosingFacts, deciding: Deciding, now: Moment) -> Result<Change, Refusal> {
    permit.check(facts.family.id, Permission::Pay)?;
    waits(facts)?;
    if permit.actor() != Some(facts.standing.movement.made_by) {
        return Err(Refusal::forbidden("Only whoever entered it may take it back"));
    }
    close(permit, facts, End::Cancelled, permit.actor(), deciding.reason, now)
}

/// Ends what nobody decided in time.
///
/// # Errors
/// 409 where it does not wait any more, or its time is not over.
pub fn expire(facts: &ClosingFacts, now: Moment) -> Result<Change, Refusal> {
    waits(facts)?;
    if !is_over(facts, now) {
        return Err(Refusal::conflict("The transaction may still be decided"));
    }
    let permit = FamilyPermit::of_hour(facts.family.id);
    close(&permit, facts, End::Expired, None, None, now)
}

/// Closes it as its approval has ended, by a press in Telegram or by the hour.
///
/// # Errors
/// 403 where whoever pressed may not approve any more; 409 where it does not wait any more.
pub fn settle_vote(
    facts: &ClosingFacts,
    proposal: &Proposal,
    state: &State,
    voter: Option<UserId>,
    now: Moment,
) -> Result<Change, Refusal> {
    let outcome = state.outcome.as_ref().ok_or_else(|| Refusal::internal("an open approval settles nothing"))?;
    let waiting = facts.standing.movement.waiting.as_ref();
    if waiting.is_none_or(|waiting| waiting.approval_id != proposal.id) {
        return Err(Refusal::internal("the approval is of another transaction"));
    }
    match outcome.ending {
        Ending::Answered => {
            let voter = voter.and_then(|id| facts.family.member(id)).ok_or_else(not_yours)?;
            let by = format!("u:{}", voter.user_id);
            let permit = crate::family::member_permit(&by, &facts.family, voter, Permission::Approve)?;
            match outcome.answer.as_deref() {
                Some("approve") => confirm(&permit, facts, now),
                _ => reject(&permit, facts, Deciding::default(), now),
            }
        }
        // Nobody could be asked in Telegram: it may still be decided by the API, until its time is over.
        Ending::Failed | Ending::Withdrawn => Err(Refusal::internal("such an ending settles nothing")),
        Ending::Expired => expire(facts, now),
    }
}

fn not_yours() -> Refusal {
    Refusal::forbidden("You may not decide this any more")
}

fn may_decide(permit: &FamilyPermit, facts: &ClosingFacts, now: Moment) -> Result<(), Refusal> {
    let actor = permit.actor().ok_or_else(unknown_family)?;
    permit.check(facts.family.id, Permission::Approve)?;
    if actor == facts.standing.movement.made_by {
        return Err(Refusal::forbidden("Nobody approves what they entered themselves"));
    }
    waits(facts)?;
    if is_over(facts, now) {
        return Err(Refusal::conflict("Its time is over").with("transaction_status", Status::Expired.as_str()));
    }
    Ok(())
}

fn waits(facts: &ClosingFacts) -> Result<(), Refusal> {
    match facts.standing.status() {
        Status::PendingApproval => Ok(()),
        status => {
            let said = format!("The transaction is {} already", status.as_str());
            Err(Refusal::conflict(said).with("transaction_status", status.as_str()))
        }
    }
}

fn is_over(facts: &ClosingFacts, now: Moment) -> bool {
    facts.standing.movement.waiting.as_ref().is_some_and(|waiting| waiting.open_until <= now)
}

fn close(
    permit: &FamilyPermit,
    facts: &ClosingFacts,
    end: End,
    decided_by: Option<UserId>,
    reason: Option<String>,
    now: Moment,
) -> Result<Change, Refusal> {
    let movement = &facts.standing.movement;
    let mut change = Change::begin(permit, &facts.head, now);
    change.head.open = change.head.open.saturating_sub(1);
    let mut told = posting::seen(movement);
    if let Some(told) = told.as_object_mut() {
        told.insert("decided_by".to_owned(), json!(decided_by));
        told.insert("reason".to_owned(), json!(reason));
    }
    let closing = Closing { movement_id: movement.id, end, at: now, decided_by, reason };
    change.write(FamilyWrite::Closing(closing));
    change.write(FamilyWrite::NotOpen(movement.id));
    let released = facts.from.as_ref().map(|from| from.held(-movement.amount_minor));
    if end == End::Executed {
        if let Some(to) = &facts.to {
            to.open()?;
        }
        posting::execute(&mut change, movement, released.as_ref(), facts.to.as_ref(), now)?;
    } else if let Some(released) = released {
        change.write(FamilyWrite::Wallet(released));
    }
    if let Some(reversed) = movement.reverses {
        change.write(match end {
            End::Executed => FamilyWrite::Reversal(ReversalMark {
                movement_id: reversed,
                reversal_id: movement.id,
                reversed_at: Some(now),
            }),
            _ => FamilyWrite::NoReversal(reversed),
        });
    }
    change.happened(&format!("transaction.{}", end.as_str()), told);
    Ok(change)
}
