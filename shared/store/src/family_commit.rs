//! Writes a change of a family: records, events, totals, messages, the approval, the idempotency record; all or nothing.

use std::future::Future;

use backon::{BackoffBuilder as _, ExponentialBuilder, Sleeper as _, TokioSleeper};
use countersign_core::{
    Refusal,
    bot::Contact,
    family::{Change, FamilyWrite, Invitation},
    ledger::{ReversalMark, TotalChange},
    limits,
};
use serde_json::json;

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{item, item_until},
    keys::family as of,
    transaction::{Transaction, number, text},
};

const NEW: Option<&str> = Some("attribute_not_exists(pk)");

/// What is committed together with a change of a family.
#[derive(Clone, Copy, Debug, Default)]
pub struct Along<'a> {
    /// The answer that is kept for the request's idempotency key.
    pub kept: Option<&'a KeptAnswer<'a>>,
    /// The contact with the bot that brings it about.
    pub contact: Option<&'a Contact>,
}

/// Why a change of a family did not come about.
#[derive(Debug)]
pub enum Undone {
    /// Another change was faster: read again and decide again.
    Race(StoreError),
    /// It is refused.
    Refused(Refusal),
}

impl From<Refusal> for Undone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Condition(
                Guard::Family
                | Guard::Ledger
                | Guard::Invitation
                | Guard::GoalLink
                | Guard::Idempotency
                | Guard::Proposal
                | Guard::Approval
                | Guard::Vote
                | Guard::Out
                | Guard::Copy
                | Guard::ClientKey
                | Guard::Bot
                | Guard::Heartbeat
                | Guard::Spent
                | Guard::KeyUse
                | Guard::KeyEvent
                | Guard::RunnerToken,
            )
            | StoreError::Conflict => Self::Race(error),
            other => Self::Refused(other.into()),
        }
    }
}

impl Store {
    /// Commits a change of a family. That it was permitted is in the change: only a permit begins one.
    ///
    /// # Errors
    /// [`Guard::Family`] where anything of the family has changed since it was read; [`Guard::Ledger`] where an id is taken
    /// or the transaction was closed; [`Guard::Invitation`] where it was used; [`Guard::Idempotency`] where a twin was first;
    /// those of the approval and of the contact.
    pub async fn commit_family(&self, change: &Change, along: Along<'_>) -> Result<(), StoreError> {
        let told = self.with_plans(change).await?;
        let mut transaction = Transaction::new(self);
        if let Some(contact) = along.contact {
            transaction = transaction.contact(contact)?;
        }
        transaction.family(told.as_ref().unwrap_or(change))?.keep(along.kept)?.commit().await
    }

    /// Does something that reads, decides and commits, again from the start while others are faster.
    ///
    /// # Errors
    /// What it refuses; 503 where others were faster each time.
    pub async fn in_turn<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Refusal>
    where
        F: Future<Output = Result<T, Undone>>,
    {
        let mut pauses = turns().build();
        loop {
            match attempt().await {
                Ok(done) => return Ok(done),
                Err(Undone::Refused(refusal)) => return Err(refusal),
                Err(Undone::Race(error)) => {
                    let busy = || Refusal::unavailable(format!("others were faster each time: {error}"));
                    TokioSleeper.sleep(pauses.next().ok_or_else(busy)?).await;
                }
            }
        }
    }
}

/// Changes of one family happen one after the other: whoever loses waits a little, by chance, and is next.
fn turns() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(std::time::Duration::from_millis(4))
        .with_max_delay(std::time::Duration::from_millis(250))
        .with_max_times(limits::FAMILY_ROUNDS)
        .with_jitter()
}

impl Transaction<'_> {
    /// Adds everything of a change. The head goes first: where it fails, nothing else tells why.
    pub(crate) fn family(self, change: &Change) -> Result<Self, StoreError> {
        let head = item(&of::head(change.family_id), "head", &change.head)?;
        let (condition, values) = match change.before.seq {
            0 => ("attribute_not_exists(pk)", vec![]),
            seq => ("seq = :before", vec![(":before", number(seq))]),
        };
        let mut transaction = self.put(Guard::Family, head, Some(condition), values);
        for event in &change.events {
            let record = item(&of::event(change.family_id, event.seq), "event", event)?;
            transaction = transaction.put(Guard::Family, record, NEW, vec![]);
        }
        for write in &change.writes {
            transaction = transaction.family_write(change, write)?;
        }
        for message in &change.messages {
            transaction = transaction.tell(message)?;
        }
        match &change.approval {
            Some(approval) => transaction.approval(approval),
            None => Ok(transaction),
        }
    }

    fn family_write(self, change: &Change, write: &FamilyWrite) -> Result<Self, StoreError> {
        let id = change.family_id;
        Ok(match write {
            FamilyWrite::Family(family) => self.set(item(&of::record(id), "family", family)?),
            FamilyWrite::Membership(membership) => {
                self.set(item(&of::membership(membership.user_id, id), "membership", membership)?)
            }
            FamilyWrite::NoMembership(user) => self.gone(&of::membership(*user, id)),
            FamilyWrite::Wallet(wallet) => self.set(item(&of::wallet(id, wallet.id), "wallet", wallet)?),
            FamilyWrite::WalletOwner(wallet) => {
                self.new_record(item(&of::wallet_owner(*wallet), "wallet_owner", json!({ "family_id": id }))?)
            }
            FamilyWrite::Movement(movement) => self.new_record(item(&of::movement(movement.id), "movement", movement)?),
            FamilyWrite::Closing(closing) => {
                self.new_record(item(&of::closing(closing.movement_id), "closing", closing)?)
            }
            FamilyWrite::Reversal(mark) => self.mark_reversal(mark)?,
            FamilyWrite::NoReversal(movement) => self.gone(&of::reversal(*movement)),
            FamilyWrite::Entry(entry) => {
                self.new_record(item(&of::entry(id, entry.wallet_id, entry.movement_id), "entry", entry)?)
            }
            FamilyWrite::Booking(booking) => {
                let record = json!({ "movement_id": booking.movement_id });
                self.new_record(item(&of::booking(id, booking.list, booking.movement_id), "booking", record)?)
            }
            FamilyWrite::Open(movement) => {
                self.new_record(item(&of::open(id, *movement), "booking", json!({ "movement_id": movement }))?)
            }
            FamilyWrite::NotOpen(movement) => self.gone(&of::open(id, *movement)),
            FamilyWrite::Total(total) => self.add_total(change, total),
            FamilyWrite::Spent(spent) => self.set(item(&of::spent(id, spent.user_id), "spent", spent)?),
            FamilyWrite::Invitation(invitation) => self.invite(invitation)?,
            FamilyWrite::NoInvitation(invitation, code_hash) => {
                self.used(&of::invitation(id, *invitation)).used(&of::invitation_code(code_hash))
            }
            FamilyWrite::Budget(_)
            | FamilyWrite::NoBudget(_)
            | FamilyWrite::Goal(_)
            | FamilyWrite::GoalOwner(_)
            | FamilyWrite::NoGoal(_)
            | FamilyWrite::GoalLink(..)
            | FamilyWrite::Recurring(_)
            | FamilyWrite::RecurringOwner(_)
            | FamilyWrite::NoRecurring(_) => self.plan_write(id, write)?,
        })
    }

    /// Listed in the family, and found by its code.
    fn invite(self, invitation: &Invitation) -> Result<Self, StoreError> {
        let (listed, coded) =
            (of::invitation(invitation.family_id, invitation.id), of::invitation_code(&invitation.code_hash));
        let record = |key| item_until(key, "invitation", invitation, invitation.live_until);
        Ok(self.new_record(record(&listed)?).new_record(record(&coded)?))
    }

    /// An invitation is good once: it must still be there.
    fn used(self, key: &crate::keys::Key) -> Self {
        self.delete(Guard::Invitation, key, "attribute_exists(pk)", vec![])
    }

    /// There is one mark; the reversal that has made it may say when it was executed.
    fn mark_reversal(self, mark: &ReversalMark) -> Result<Self, StoreError> {
        let record = item(&of::reversal(mark.movement_id), "reversal", mark)?;
        let values = vec![(":reversal", number(mark.reversal_id))];
        let condition = "attribute_not_exists(pk) OR reversal_id = :reversal";
        Ok(self.put(Guard::Ledger, record, Some(condition), values))
    }

    /// What the head's condition guards already.
    fn set(self, record: crate::table::Item) -> Self {
        self.put(Guard::Ledger, record, None, vec![])
    }

    fn new_record(self, record: crate::table::Item) -> Self {
        self.put(Guard::Ledger, record, NEW, vec![])
    }

    fn gone(self, key: &crate::keys::Key) -> Self {
        self.delete(Guard::Ledger, key, "attribute_exists(pk)", vec![])
    }

    fn add_total(self, change: &Change, total: &TotalChange) -> Self {
        let key = of::total(change.family_id, total.dimension, total.month, total.currency);
        let update = "SET item_kind = :kind, item_version = :one \
                      ADD income_minor :income, expense_minor :expense, moved_in_minor :moved_in, \
                      moved_out_minor :moved_out, movements :movements";
        let added = &total.added;
        let values = vec![
            (":kind", text("total")),
            (":one", number(1)),
            (":income", number(added.income_minor)),
            (":expense", number(added.expense_minor)),
            (":moved_in", number(added.moved_in_minor)),
            (":moved_out", number(added.moved_out_minor)),
            (":movements", number(added.movements)),
        ];
        let always = "attribute_exists(pk) OR attribute_not_exists(pk)";
        self.update(Guard::Ledger, &key, update, always, values)
    }
}
