//! What closing a proposal brings: every copy shows the outcome, the task ends, the service and the asker are told.

use serde_json::{Value, json};

use super::{
    Mint,
    change::{Change, TaskEnd},
    proposal::{Asker, Copy, Kind, Proposal},
    shown,
    state::{Ending, Sent, State},
};
use crate::{
    ChatId, ServiceId,
    messaging::{BotCall, Delivery, DeliveryKind, DeliveryStatus, MessageRef, Origin, OutMessage, TaskStatus},
};

/// A decision that does not come by a button of ours: by the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere<'a> {
    /// `approve` or `deny`; none: whoever asked takes it back.
    pub answer: Option<&'a str>,
    /// Who decides, by name.
    pub name: &'a str,
}

/// Closes an open proposal by such a decision; every copy then shows it. Whether it may be is decided before.
#[must_use]
pub fn close_elsewhere(proposal: &Proposal, state: &State, elsewhere: &Elsewhere<'_>, mint: &mut Mint) -> Change {
    let ending = if elsewhere.answer.is_some() { Ending::Answered } else { Ending::Withdrawn };
    let mut closed = state.next().closed(ending, elsewhere.answer.map(str::to_owned), None, mint.now());
    if let Some(outcome) = &mut closed.outcome {
        outcome.decided_by = Some(super::name_of(elsewhere.name));
    }
    closing(Change::of(proposal.clone(), closed, mint.now()), mint)
}

/// Adds to a change whose state is closed all that follows from it.
pub(super) fn closing(mut change: Change, mint: &mut Mint) -> Change {
    let mut messages = edits(&change, mint);
    messages.extend(asker_told(&change, mint));
    change.messages.extend(messages);
    change.task = task_end(&change.proposal, &change.state);
    change.delivery = delivery(&change, mint);
    change
}

/// An edit for each copy: it waits in its chat's queue behind the message that it edits.
fn edits(change: &Change, mint: &mut Mint) -> Vec<OutMessage> {
    let copies = change.state.copies.iter();
    copies.map(|sent| edit(change, sent, MessageRef::Sent(sent.out_id), mint)).collect()
}

fn edit(change: &Change, sent: &Sent, message: MessageRef, mint: &mut Mint) -> OutMessage {
    let text = shown::ended(&change.proposal, &change.state, sent.language).text();
    OutMessage {
        id: mint.out(),
        chat_id: sent.chat_id,
        call: BotCall::EditMessage { message, text, buttons: None },
        origin: Origin::Bot,
        created_at: change.at,
    }
}

/// The edit of another message that shows the same copy.
pub(super) fn edit_copy(change: &Change, copy: &Copy, message: MessageRef, mint: &mut Mint) -> Option<OutMessage> {
    let sent = change.state.copies.iter().find(|sent| sent.out_id == copy.out_id && sent.chat_id == copy.chat_id)?;
    Some(edit(change, sent, message, mint))
}

/// A person who asked others, and has no copy that would show it, is written to.
fn asker_told(change: &Change, mint: &mut Mint) -> Option<OutMessage> {
    let (telegram_id, language) = change.proposal.asker.in_telegram()?;
    // Whoever took it back knows.
    if change.state.outcome.as_ref().is_some_and(|outcome| outcome.ending == Ending::Withdrawn) {
        return None;
    }
    let chat_id = ChatId::from(telegram_id);
    if change.state.copies.iter().any(|sent| sent.chat_id == chat_id) {
        return None;
    }
    let text = shown::ended(&change.proposal, &change.state, language);
    Some(OutMessage {
        id: mint.out(),
        chat_id,
        call: BotCall::say(text.text()),
        origin: Origin::Bot,
        created_at: change.at,
    })
}

fn task_end(proposal: &Proposal, state: &State) -> Option<TaskEnd> {
    let Asker::Task { service_id, task_id } = proposal.asker else { return None };
    let outcome = state.outcome.as_ref()?;
    let done = outcome.ending != Ending::Failed;
    Some(TaskEnd {
        service_id,
        task_id,
        status: if done { TaskStatus::Done } else { TaskStatus::Failed },
        result: done.then(|| state.result()),
        reason: outcome.reason.clone().filter(|_| !done),
    })
}

fn delivery(change: &Change, mint: &mut Mint) -> Option<Delivery> {
    let service_id: ServiceId = change.proposal.asker.service_id()?;
    let url = change.proposal.callback_url.clone()?;
    Some(Delivery {
        id: mint.delivery(),
        service_id,
        kind: DeliveryKind::Callback,
        url,
        body: event(change).to_string(),
        created_at: change.at,
        chat_id: None,
        attempt: 0,
        status: DeliveryStatus::Queued,
        reason: None,
        finished_at: None,
    })
}

/// The payload in the form that Standard Webhooks recommends: type, timestamp, data.
fn event(change: &Change) -> Value {
    let (proposal, state) = (&change.proposal, &change.state);
    let kind = if proposal.kind == Kind::Approval { "approval.closed" } else { "ask.closed" };
    let mut data = json!({
        "approval_id": proposal.id,
        "outcome": outcome_word(proposal, state),
        "answer": state.outcome.as_ref().and_then(|outcome| outcome.answer.as_deref()),
        "answers": state.answers(),
        "reason": state.outcome.as_ref().and_then(|outcome| outcome.reason.as_deref()),
    });
    if let (Asker::Task { task_id, .. }, Some(data)) = (&proposal.asker, data.as_object_mut()) {
        data.insert("task_id".to_owned(), json!(task_id));
    }
    json!({ "type": kind, "timestamp": change.at.to_rfc3339(), "data": data })
}

/// The outcome in one word: `approved` or `denied` for an approval, else `answered`; `expired`, `failed`.
#[must_use]
pub fn outcome_word(proposal: &Proposal, state: &State) -> Option<&'static str> {
    let outcome = state.outcome.as_ref()?;
    Some(match (outcome.ending, proposal.kind, outcome.answer.as_deref()) {
        (Ending::Answered, Kind::Approval, Some("approve")) => "approved",
        (Ending::Answered, Kind::Approval, _) => "denied",
        (Ending::Answered, ..) => "answered",
        (Ending::Expired, ..) => "expired",
        (Ending::Failed, ..) => "failed",
        (Ending::Withdrawn, ..) => "withdrawn",
    })
}
