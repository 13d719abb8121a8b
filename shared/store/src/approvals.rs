//! Questions and approvals: put, answered, escalated and closed, each by one transaction, and closed exactly once.

use countersign_core::{
    ApprovalId, ChatId, Moment, Subject,
    approval::{Asker, Change, Copy, Kind, Proposal, SeenCopy, Sent},
    bot::Contact,
    limits,
    messaging::{BotCall, Made, OutEnd, OutMessage, Task},
    policy::{Permit, ServicePermit},
};
use serde_json::json;

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::item_until,
    keys::{self, PENDING_APPROVALS, PENDING_AT, PENDING_PK},
    transaction::{Transaction, number, text},
};

const NEW: Option<&str> = Some("attribute_not_exists(pk)");

/// Who may put a question.
#[derive(Clone, Copy, Debug)]
pub enum MayAsk<'a> {
    /// A service.
    Service(&'a ServicePermit),
    /// A person, who may have only so many open.
    Person(&'a Permit),
}

impl Store {
    /// Puts a question: the proposal and its state, a copy and a message for every chat, the task where it is one's.
    ///
    /// # Errors
    /// [`Guard::Proposal`], [`Guard::Task`] or [`Guard::Out`] where an id is taken, [`Guard::OpenApprovals`] where the
    /// person has too many open, [`Guard::Idempotency`] where a twin was first.
    pub async fn commit_proposal(
        &self,
        by: MayAsk<'_>,
        change: &Change,
        task: Option<&Task>,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let mut transaction = Transaction::new(self).approval(change)?;
        if let Some(task) = task {
            transaction = transaction.put_task(task)?;
        }
        if let MayAsk::Person(permit) = by {
            transaction = transaction.one_more_open(permit.subject());
        }
        transaction.keep(kept)?.commit().await
    }

    /// Commits a vote and all that follows from it, with the claim of the update that brought it.
    ///
    /// # Errors
    /// [`Guard::Update`] where the update was handled before, [`Guard::Contact`] where the person's record changed,
    /// [`Guard::Approval`] or [`Guard::Vote`] where another vote was faster: read again and judge again.
    pub async fn commit_vote(&self, contact: &Contact, change: &Change) -> Result<(), StoreError> {
        if Self::settles(change) {
            return self.commit_settled(Some(contact), change).await;
        }
        if let Asker::KeyRevocation { .. } = change.proposal.asker {
            return self.commit_revocation_vote(contact, change).await;
        }
        let voted = |change: &Change| Transaction::new(self).contact(contact)?.change(change);
        self.commit_change(change, voted).await
    }

    /// Commits what the hour has brought: an escalation, an expiry, or that nobody could be asked.
    ///
    /// # Errors
    /// [`Guard::Approval`] where a vote was faster.
    pub async fn commit_due(&self, change: &Change) -> Result<(), StoreError> {
        if Self::settles(change) {
            return self.commit_settled(None, change).await;
        }
        self.commit_change(change, |change| Transaction::new(self).change(change)).await
    }

    /// A task that has ended, or that nobody keeps any more, does not hold its question open.
    async fn commit_change<'a>(
        &'a self,
        change: &Change,
        transaction: impl Fn(&Change) -> Result<Transaction<'a>, StoreError>,
    ) -> Result<(), StoreError> {
        match transaction(change)?.commit().await {
            Err(error) if error.failed(Guard::Task) && change.task.is_some() => {
                let mut without = change.clone();
                without.task = None;
                transaction(&without)?.commit().await
            }
            other => other,
        }
    }

    /// Takes the marks of copies that were not sent out of the index: the proposal has been looked at.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn unmark_copies(&self, id: ApprovalId, chats: &[ChatId]) -> Result<(), StoreError> {
        let mut transaction = Transaction::new(self);
        for chat in chats {
            let (key, update) = (keys::approval_copy(id, *chat), "REMOVE pending_pk, pending_at");
            transaction = transaction.update(Guard::Copy, &key, update, "attribute_exists(pk)", vec![]);
        }
        if chats.is_empty() { Ok(()) } else { transaction.commit().await }
    }
}

/// Until when a proposal is kept, whatever becomes of it.
fn kept_until(proposal: &Proposal) -> Moment {
    proposal.expires_at.plus_seconds(limits::APPROVAL_KEPT_SECONDS)
}

impl Transaction<'_> {
    /// Adds everything that a change writes, and the proposal where it is new.
    pub(crate) fn approval(self, change: &Change) -> Result<Self, StoreError> {
        if change.state.version > 1 {
            return self.change(change);
        }
        let proposal = &change.proposal;
        let record = item_until(&keys::approval_proposal(proposal.id), "proposal", proposal, kept_until(proposal))?;
        self.put(Guard::Proposal, record, NEW, vec![]).change(change)
    }

    /// Adds everything that a change writes beside the proposal itself.
    pub(crate) fn change(self, change: &Change) -> Result<Self, StoreError> {
        let proposal = &change.proposal;
        let mut transaction = self.move_approval(change)?;
        if let Some(vote) = &change.vote {
            let key = keys::approval_vote(proposal.id, vote.telegram_id);
            let record = item_until(&key, "vote", vote, kept_until(proposal))?;
            transaction = transaction.put(Guard::Vote, record, NEW, vec![]);
        }
        if let Some(seen) = &change.seen {
            transaction = transaction.seen_copy(proposal.id, *seen, change.at)?;
        }
        if let Some(from) = change.moved_from {
            transaction = transaction.leave_chat(proposal, from);
        }
        for copy in &change.copies {
            transaction = transaction.put_copy(proposal, copy)?;
        }
        for message in &change.messages {
            transaction = transaction.tell(message)?;
        }
        if change.closes() { transaction.closing(change) } else { Ok(transaction) }
    }

    /// The message that a vote has shown to be there: by its number it is edited at the end.
    fn seen_copy(self, id: ApprovalId, seen: SeenCopy, at: Moment) -> Result<Self, StoreError> {
        let (copy, sent) = (keys::approval_copy(id, seen.chat_id), keys::out(seen.chat_id, seen.out_id));
        let (there, values) = ("attribute_exists(pk)", || vec![(":message_id", number(seen.message_id))]);
        self.update(Guard::Copy, &copy, "SET message_id = :message_id REMOVE failed", there, values())
            .update(Guard::Copy, &sent, "SET message_id = :message_id", there, values())
            .made(seen.chat_id, seen.message_id, Made::BY_THE_BOT, at)
    }

    /// Writes a state over the version below its own; version 1 must be the first. An open one stands in the index at
    /// the moment when something is due.
    fn move_approval(self, change: &Change) -> Result<Self, StoreError> {
        let (key, state) = (keys::approval_state(change.proposal.id), &change.state);
        let mut record = item_until(&key, "approval_state", state, kept_until(&change.proposal))?;
        if let Some(due_at) = state.due_at(&change.proposal) {
            record.insert(PENDING_PK.into(), text(PENDING_APPROVALS));
            record.insert(PENDING_AT.into(), number(due_at.millis()));
        }
        let (condition, values) = match state.version {
            0 | 1 => ("attribute_not_exists(pk)", vec![]),
            version => ("version = :before", vec![(":before", number(version - 1))]),
        };
        Ok(self.put(Guard::Approval, record, Some(condition), values))
    }

    fn put_copy(self, proposal: &Proposal, copy: &Copy) -> Result<Self, StoreError> {
        let key = keys::approval_copy(proposal.id, copy.chat_id);
        let record = item_until(&key, "copy", copy, kept_until(proposal))?;
        let transaction = self.put(Guard::Copy, record, NEW, vec![]);
        if !copy.in_words {
            return Ok(transaction);
        }
        let prompt = json!({ "approval_id": proposal.id });
        let prompt = item_until(&keys::prompt(copy.chat_id, proposal.id), "prompt", prompt, proposal.expires_at)?;
        Ok(transaction.put(Guard::Copy, prompt, NEW, vec![]))
    }

    /// The task ends, the service is told, and no words are waited for any more.
    fn closing(self, change: &Change) -> Result<Self, StoreError> {
        let proposal = &change.proposal;
        let mut transaction = self;
        if let Some(task) = &change.task {
            let (result, reason) = (task.result.as_ref(), task.reason.as_deref());
            transaction =
                transaction.finish_task(task.service_id, task.task_id, task.status, result, reason, change.at)?;
        }
        if let Some(delivery) = &change.delivery {
            transaction = transaction.deliver(delivery)?;
        }
        if proposal.kind == Kind::Text {
            let gone = |transaction: Self, sent: &Sent| {
                let key = keys::prompt(sent.chat_id, proposal.id);
                transaction.delete(Guard::Copy, &key, ALWAYS, vec![])
            };
            transaction = change.state.copies.iter().fold(transaction, gone);
        }
        Ok(match proposal.asker {
            Asker::Person { user_id, telegram_id, .. } => {
                transaction.one_less_open(Subject::of(Some(user_id), telegram_id).unwrap_or(Subject::User(user_id)))
            }
            Asker::Task { .. } | Asker::Service { .. } | Asker::Movement { .. } | Asker::KeyRevocation { .. } => {
                transaction
            }
        })
    }

    fn one_more_open(self, subject: Subject) -> Self {
        let update = "SET item_kind = :kind, item_version = :one ADD open_count :one";
        let condition = "attribute_not_exists(open_count) OR open_count < :most";
        let values = vec![
            (":kind", text("open_approvals")),
            (":one", number(1)),
            (":most", number(limits::OPEN_APPROVALS_PER_PERSON)),
        ];
        self.update(Guard::OpenApprovals, &keys::open_approvals(subject), update, condition, values)
    }

    /// The count never keeps a proposal from closing, also where the person's records have moved since.
    fn one_less_open(self, subject: Subject) -> Self {
        let update = "SET item_kind = :kind, item_version = :one ADD open_count :less";
        let values = vec![(":kind", text("open_approvals")), (":one", number(1)), (":less", number(-1))];
        self.update(Guard::OpenApprovals, &keys::open_approvals(subject), update, ALWAYS, values)
    }

    /// Tells the copy of a question how its message ended: which one shows it, or that none does. One that was not sent
    /// is marked in the index, so that the proposal is looked at.
    pub(crate) fn end_copy(self, id: ApprovalId, message: &OutMessage, end: &OutEnd, at: Moment) -> Self {
        let key = keys::approval_copy(id, message.chat_id);
        match (end, end.message_id()) {
            (OutEnd::Sent { .. }, Some(message_id)) => {
                let set = |transaction: Self, key| {
                    let values = vec![(":message_id", number(message_id))];
                    let update = "SET message_id = :message_id";
                    transaction.update(Guard::Copy, key, update, "attribute_exists(pk)", values)
                };
                let transaction = set(self, &key);
                if is_in_words(&message.call) {
                    set(transaction, &keys::prompt(message.chat_id, id))
                } else {
                    transaction
                }
            }
            // Put twice, and both times its answer was lost: whoever sees it may still answer, but nobody counts on that.
            (OutEnd::Failed { .. } | OutEnd::Unknown, _) => {
                let update = "SET failed = :reason, pending_pk = :pending, pending_at = :at";
                let values = vec![
                    (":reason", text(end.reason().unwrap_or_default())),
                    (":pending", text(PENDING_APPROVALS)),
                    (":at", number(at.millis())),
                ];
                // One whose button somebody has pressed has come.
                let there = "attribute_exists(pk) AND attribute_not_exists(message_id)";
                self.update(Guard::Copy, &key, update, there, values)
            }
            (OutEnd::Sent { .. }, None) => self,
        }
    }
}

/// A condition that always holds.
const ALWAYS: &str = "attribute_exists(pk) OR attribute_not_exists(pk)";

/// A question without buttons is answered in words.
const fn is_in_words(call: &BotCall) -> bool {
    matches!(call, BotCall::SendMessage { buttons: None, .. })
}

impl StoreError {
    /// Whether another vote, or another use of an id, was faster: read again, judge again, with fresh ids.
    #[must_use]
    pub fn is_race(&self) -> bool {
        matches!(self, Self::Condition(Guard::Approval | Guard::Vote | Guard::Out | Guard::Delivery | Guard::Copy))
    }
}
