//! What the hour brings: a proposal expires, others are asked, or it turns out that nobody could be asked.

use super::{
    Mint,
    change::Change,
    close::closing,
    opening::escalate,
    proposal::{Copy, Proposal},
    state::{Ending, State, Status},
};
use crate::Moment;

/// What is to be done about a proposal at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Wait,
    /// Its time is over.
    Expire,
    /// The others are asked.
    Escalate,
    /// No copy could be sent, for this reason.
    Fail(String),
}

/// What is due. `copies`: all of them, as they are stored.
#[must_use]
pub fn fate(proposal: &Proposal, state: &State, copies: &[Copy], now: Moment) -> Fate {
    if state.status == Status::Closed {
        return Fate::Wait;
    }
    if proposal.expires_at <= now {
        return Fate::Expire;
    }
    let later = proposal.escalate.as_ref().filter(|_| !state.escalated);
    let reason = unasked(copies);
    match (later, reason) {
        (Some(_), Some(_)) => Fate::Escalate,
        (Some(later), None) if later.at <= now => Fate::Escalate,
        (None, Some(reason)) => Fate::Fail(reason),
        _ => Fate::Wait,
    }
}

/// Why nobody was asked, where no copy could be sent.
fn unasked(copies: &[Copy]) -> Option<String> {
    let all = !copies.is_empty() && copies.iter().all(|copy| copy.failed.is_some());
    copies.iter().find_map(|copy| copy.failed.clone()).filter(|_| all)
}

/// The change that is due; none where there is nothing to be done.
#[must_use]
pub fn due(proposal: &Proposal, state: &State, copies: &[Copy], mint: &mut Mint) -> Option<Change> {
    let now = mint.now();
    let (ending, reason) = match fate(proposal, state, copies, now) {
        Fate::Wait => return None,
        Fate::Escalate => return Some(escalate(proposal.clone(), state, mint)),
        Fate::Expire => (Ending::Expired, None),
        Fate::Fail(reason) => (Ending::Failed, Some(reason)),
    };
    let closed = state.next().closed(ending, None, reason, now);
    Some(closing(Change::of(proposal.clone(), closed, now), mint))
}
