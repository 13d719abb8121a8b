//! What the hour brings: a proposal expires, others are asked, or it turns out that nobody could be asked.

use super::{
    Mint,
    change::Change,
    close::closing,
    opening::escalate,
    proposal::{Copy, Proposal},
    state::{Ending, State, Status},
};
use crate::{
    Moment,
    messaging::{BotCall, Origin, OutMessage, Text, words::movements as words},
};

/// What is to be done about a proposal at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Wait,
    /// Its time is over.
    Expire,
    /// The others are asked.
    Escalate,
    /// Those who have not answered are reminded.
    Remind,
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
    // A transaction may be decided by the API as well: it waits until its time is over.
    let reason = unasked(copies).filter(|_| !proposal.asker.is_movement());
    match (later, reason) {
        (Some(_), Some(_)) => Fate::Escalate,
        (Some(later), None) if later.at <= now => Fate::Escalate,
        (None, Some(reason)) => Fate::Fail(reason),
        _ if !state.reminded && proposal.remind_at.is_some_and(|at| at <= now) => Fate::Remind,
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
        Fate::Remind => return Some(remind(proposal, state, copies, mint)),
        Fate::Expire => (Ending::Expired, None),
        Fate::Fail(reason) => (Ending::Failed, Some(reason)),
    };
    let closed = state.next().closed(ending, None, reason, now);
    Some(closing(Change::of(proposal.clone(), closed, now), mint))
}

/// One more message in each chat that the question has come to, as an answer to the one with the buttons where that is known.
fn remind(proposal: &Proposal, state: &State, copies: &[Copy], mint: &mut Mint) -> Change {
    let mut next = state.next();
    next.reminded = true;
    let mut change = Change::of(proposal.clone(), next, mint.now());
    for sent in &state.copies {
        let copy = copies.iter().find(|copy| copy.chat_id == sent.chat_id);
        let Some(copy) = copy.filter(|copy| copy.failed.is_none()) else { continue };
        let text = words::reminder(sent.language, proposal.expires_at);
        let (text, reply_to) = (Text::plain(text), copy.message_id);
        let call = BotCall::SendMessage { text, buttons: None, reply_to, ask_reply: false, silent: false };
        let (id, chat_id, created_at) = (mint.out(), sent.chat_id, mint.now());
        change.messages.push(OutMessage { id, chat_id, call, origin: Origin::Bot, created_at });
    }
    change
}
