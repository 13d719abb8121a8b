//! Everything that one commit changes of a family, decided: the store adds nothing to it and leaves nothing out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    invitation::Invitation,
    permit::{FamilyPermit, FamilyRole},
    record::Family,
};
use crate::{
    CategoryId, FamilyId, GoalId, InvitationId, Moment, MovementId, RecurringId, UserId, WalletId, approval,
    budget::Budget,
    chain::{Event, Head},
    goal::Goal,
    ledger::{Booking, Closing, Entry, Movement, ReversalMark, Spent, TotalChange, Wallet},
    messaging::OutMessage,
    recurring::Recurring,
};

/// That somebody is in a family, kept with them: the list of their families.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Which family.
    pub family_id: FamilyId,
    /// Who.
    pub user_id: UserId,
    /// As what. (`role` is a reserved word of DynamoDB's.)
    #[serde(rename = "family_role")]
    pub role: FamilyRole,
}

/// One record that a change writes or removes.
#[derive(Clone, Debug, PartialEq)]
pub enum FamilyWrite {
    /// The family's record.
    Family(Family),
    /// Somebody is in it, as this.
    Membership(Membership),
    /// Somebody is not in it any more.
    NoMembership(UserId),
    /// A wallet.
    Wallet(Wallet),
    /// Whose a new wallet is, found by its id alone.
    WalletOwner(WalletId),
    /// A new transaction: never changed afterwards.
    Movement(Movement),
    /// The second record of a transaction that waited: there is one.
    Closing(Closing),
    /// A transaction is reversed, or its reversal waits: there is one.
    Reversal(ReversalMark),
    /// Its reversal did not come about.
    NoReversal(MovementId),
    /// What a transaction did to a wallet: never changed afterwards.
    Entry(Entry),
    /// A line of a list of transactions.
    Booking(Booking),
    /// A transaction waits.
    Open(MovementId),
    /// It does not any more.
    NotOpen(MovementId),
    /// Added to a month's totals.
    Total(TotalChange),
    /// What somebody paid without approval, by day.
    Spent(Spent),
    /// An invitation: new.
    Invitation(Invitation),
    /// An invitation is used or taken back: it was there.
    NoInvitation(InvitationId, String),
    /// A budget.
    Budget(Budget),
    /// A category has no budget any more.
    NoBudget(CategoryId),
    /// A goal.
    Goal(Goal),
    /// Whose a new goal is, found by its id alone.
    GoalOwner(GoalId),
    /// A goal is not there any more.
    NoGoal(GoalId),
    /// A transfer was put aside for a goal: it is named once.
    GoalLink(MovementId, GoalId),
    /// A transaction that comes again.
    Recurring(Recurring),
    /// Whose a new one is, found by its id alone.
    RecurringOwner(RecurringId),
    /// It does not any more.
    NoRecurring(RecurringId),
}

/// What changes in a family, with the events that say so. Only a permit begins one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The family.
    pub family_id: FamilyId,
    /// The head as it was read: another change in between makes the commit fail.
    pub before: Head,
    /// The head as it shall be.
    pub head: Head,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The records.
    pub writes: Vec<FamilyWrite>,
    /// Messages to Telegram.
    pub messages: Vec<OutMessage>,
    /// The approval that is asked, or ended, with it.
    pub approval: Option<Box<approval::Change>>,
    /// When.
    pub at: Moment,
    by: String,
}

impl Change {
    /// Nothing yet, of the family that the permit opens, after this head.
    #[must_use]
    pub(crate) fn begin(permit: &FamilyPermit, before: &Head, at: Moment) -> Self {
        Self {
            family_id: permit.family_id(),
            before: before.clone(),
            head: before.clone(),
            events: Vec::new(),
            writes: Vec::new(),
            messages: Vec::new(),
            approval: None,
            at,
            by: permit.by().to_owned(),
        }
    }

    /// Adds an event; `data` must be an object.
    pub(crate) fn happened(&mut self, kind: &str, data: Value) {
        let data = match data {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        let event = Event::after(&self.head, self.family_id, self.at, &self.by, kind, data);
        self.head = self.head.with(&event);
        self.events.push(event);
    }

    /// Adds a record.
    pub(crate) fn write(&mut self, write: FamilyWrite) {
        self.writes.push(write);
    }

    /// Who changes it, as it is written down.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// The wallet as this change leaves it.
    #[must_use]
    pub fn wallet(&self, id: WalletId) -> Option<&Wallet> {
        self.writes.iter().rev().find_map(|write| match write {
            FamilyWrite::Wallet(wallet) if wallet.id == id => Some(wallet),
            _ => None,
        })
    }
}
