//! The emergency: every client's key is revoked at once, by one admin who asks and another who approves.

use serde::{Deserialize, Serialize};

use super::{
    ClientKey, KeyNotice, KeyStanding,
    client::{ClientPermit, emergency_permit},
};
use crate::{
    ApprovalId, ClientId, Moment, Refusal, TelegramId, UserId,
    approval::{Asker, Change, Ending, one_line},
    limits,
};

/// What was approved, and how far it has come. There is one record: a later one takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeAll {
    /// By which approval.
    pub approval_id: ApprovalId,
    /// No key that was entered until then signs any more.
    pub revoked_at: Moment,
    /// Who asked for it.
    pub asked_by: UserId,
    /// Who approved it.
    pub approved_by: TelegramId,
    /// Why, in the words of who asked.
    pub reason: String,
    /// Up to where the clients' keys are revoked, each by its own commit: a cursor of the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walked_to: Option<String>,
    /// One more with each page of clients.
    #[serde(default)]
    pub pages: u32,
    /// How many keys were revoked so far.
    #[serde(default)]
    pub keys_revoked: usize,
    /// How many bots of theirs were running.
    #[serde(default)]
    pub bots_stopped: usize,
    /// Clients whose keys could not be revoked when their turn came: each run tries them first. At most
    /// [`limits::REVOKE_ALL_LEFT`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<ClientId>,
    /// How many more there were than that: for them the directory is walked again.
    #[serde(default)]
    pub left_beyond: usize,
    /// The directory was walked to its end.
    #[serde(default)]
    pub walked_through: bool,
    /// The admins were told that it is done but for those.
    #[serde(default)]
    pub left_told: bool,
    /// When the last one was revoked and the admins were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Moment>,
}

impl RevokeAll {
    /// What the approval of this change revokes: nothing where it is not one, or does not approve.
    #[must_use]
    pub fn approved(change: &Change) -> Option<Self> {
        let Asker::KeyRevocation { user_id, .. } = change.proposal.asker else { return None };
        let outcome = change.state.outcome.as_ref()?;
        let approves = outcome.ending == Ending::Answered && outcome.answer.as_deref() == Some("approve");
        let vote = change.vote.as_ref().filter(|_| approves)?;
        Some(Self {
            approval_id: change.proposal.id,
            revoked_at: change.at,
            asked_by: user_id,
            approved_by: vote.telegram_id,
            reason: change.proposal.details.clone().unwrap_or_default(),
            walked_to: None,
            pages: 0,
            keys_revoked: 0,
            bots_stopped: 0,
            left: Vec::new(),
            left_beyond: 0,
            walked_through: false,
            left_told: false,
            done_at: None,
        })
    }

    /// Whether a key may sign no more although its own record does not say so yet.
    #[must_use]
    pub fn covers(&self, key: &ClientKey) -> bool {
        key.standing == KeyStanding::Active && key.facts.entered_at <= self.revoked_at
    }

    /// By whom a key's own record says that it was revoked.
    #[must_use]
    pub fn by(&self) -> String {
        format!("revoke-all:{}", self.approval_id)
    }

    /// Whether a key was revoked by this one.
    #[must_use]
    pub fn has_revoked(&self, key: &ClientKey) -> bool {
        key.standing == KeyStanding::Revoked && key.revoked_by.as_deref() == Some(&self.by())
    }

    /// The permit to revoke a client's key: two admins have given it.
    #[must_use]
    pub fn permit(&self, client: ClientId) -> ClientPermit {
        emergency_permit(client, self.by())
    }

    /// One page of clients further, and what the admins are told of it. Whoever failed is left for the next run; nobody waits for
    /// them.
    #[must_use]
    pub fn walked(&self, walked_to: Option<String>, turns: Turns, now: Moment) -> (Self, Option<KeyNotice>) {
        let mut next = Self { walked_through: walked_to.is_none(), walked_to, ..self.clone() };
        for client in &turns.failed {
            if next.left.len() < limits::REVOKE_ALL_LEFT {
                next.left.push(*client);
            } else {
                next.left_beyond = next.left_beyond.saturating_add(1);
            }
        }
        next.counted(&turns, now)
    }

    /// The same once those that were left had another turn.
    #[must_use]
    pub fn tried_again(&self, turns: Turns, now: Moment) -> (Self, Option<KeyNotice>) {
        Self { left: turns.failed.clone(), ..self.clone() }.counted(&turns, now)
    }

    /// The directory is walked once more, because more were left than are kept; everything is counted anew.
    #[must_use]
    pub fn walks_again(&self) -> Option<Self> {
        (self.walked_through && self.left_beyond > 0).then(|| Self {
            walked_to: None,
            walked_through: false,
            pages: self.pages.saturating_add(1),
            keys_revoked: 0,
            bots_stopped: 0,
            left: Vec::new(),
            left_beyond: 0,
            ..self.clone()
        })
    }

    fn counted(mut self, turns: &Turns, now: Moment) -> (Self, Option<KeyNotice>) {
        self.pages = self.pages.saturating_add(1);
        self.keys_revoked = self.keys_revoked.saturating_add(turns.keys);
        self.bots_stopped = self.bots_stopped.saturating_add(turns.bots);
        let (keys, bots) = (self.keys_revoked, self.bots_stopped);
        match self.left.len().saturating_add(self.left_beyond) {
            _ if !self.walked_through => (self, None),
            0 => {
                self.done_at = Some(now);
                (self, Some(KeyNotice::AllRevoked { keys, bots }))
            }
            left => {
                let was_told = std::mem::replace(&mut self.left_told, true);
                (self, (!was_told).then_some(KeyNotice::AllRevokedBut { keys, bots, left }))
            }
        }
    }
}

/// What came of clients whose turn it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turns {
    /// How many keys were revoked.
    pub keys: usize,
    /// How many bots of theirs were running.
    pub bots: usize,
    /// Whose key could not be revoked.
    pub failed: Vec<ClientId>,
}

/// That a key is not one of those that were all revoked.
///
/// # Errors
/// 409 where it is: it is as if its own record said so.
pub fn not_revoked_with_all(all: Option<&RevokeAll>, key: Option<&ClientKey>) -> Result<(), Refusal> {
    match (all, key) {
        (Some(all), Some(key)) if all.covers(key) => Err(Refusal::conflict("The client's key is revoked")),
        _ => Ok(()),
    }
}

/// Reads why all keys are to be revoked.
///
/// # Errors
/// 400 where nothing is said, or too much.
pub fn revocation_reason(text: &str) -> Result<String, Refusal> {
    let reason = one_line(text);
    if (1..=limits::REVOKE_REASON_CHARS).contains(&reason.chars().count()) {
        return Ok(reason);
    }
    Err(Refusal::invalid(format!("reason must be 1 to {} characters", limits::REVOKE_REASON_CHARS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::{Chain, KeyFacts, revoked, switched};

    fn key(entered_at: i64) -> ClientKey {
        let facts = KeyFacts {
            version: 1,
            chain: Chain::Stellar,
            address: "G".into(),
            public_key: String::new(),
            fingerprint: String::new(),
            entered_at: Moment::from_seconds(entered_at),
            entered_by: "u:1".into(),
            ends_at: None,
        };
        switched(ClientId::new(7).unwrap(), None, facts)
    }

    fn all(at: i64) -> RevokeAll {
        RevokeAll {
            approval_id: ApprovalId::new(5).unwrap(),
            revoked_at: Moment::from_seconds(at),
            asked_by: UserId::new(1).unwrap(),
            approved_by: TelegramId::new(2).unwrap(),
            reason: "a leak".into(),
            walked_to: None,
            pages: 0,
            keys_revoked: 0,
            bots_stopped: 0,
            left: Vec::new(),
            left_beyond: 0,
            walked_through: false,
            left_told: false,
            done_at: None,
        }
    }

    #[test]
    fn every_key_that_was_entered_until_then_is_refused_and_no_later_one() {
        for (entered, refused) in [(99, true), (100, true), (101, false)] {
            assert_eq!(not_revoked_with_all(Some(&all(100)), Some(&key(entered))).is_err(), refused, "{entered}");
        }
        assert!(not_revoked_with_all(None, Some(&key(1))).is_ok() && not_revoked_with_all(Some(&all(1)), None).is_ok());
    }

    #[test]
    fn a_key_whose_own_record_says_it_is_known_by_who_revoked_it() {
        let by_all = revoked(Some(&key(1)), &all(100).by(), Moment::from_seconds(101)).unwrap().unwrap();
        let by_client = revoked(Some(&key(1)), "u:9", Moment::from_seconds(101)).unwrap().unwrap();
        assert!(all(100).has_revoked(&by_all) && !all(100).covers(&by_all));
        assert!(!all(100).has_revoked(&by_client) && !all(100).has_revoked(&key(1)));
    }

    #[test]
    fn it_is_done_at_the_end_of_the_directory_and_counts_on_until_then() {
        let now = Moment::from_seconds(200);
        let turns = |keys, bots| Turns { keys, bots, failed: Vec::new() };
        let (first, told) = all(100).walked(Some("next".into()), turns(2, 5), now);
        assert_eq!((first.keys_revoked, first.bots_stopped, first.done_at, told), (2, 5, None, None));
        let (last, told) = first.walked(None, turns(1, 0), now);
        assert_eq!((last.keys_revoked, last.bots_stopped, last.pages, last.done_at), (3, 5, 2, Some(now)));
        assert_eq!(told, Some(KeyNotice::AllRevoked { keys: 3, bots: 5 }));
    }

    #[test]
    fn whoever_fails_is_left_and_holds_nobody_up() {
        let (now, bad) = (Moment::from_seconds(200), ClientId::new(9).unwrap());
        let turns = |keys, failed: &[ClientId]| Turns { keys, bots: 0, failed: failed.to_vec() };
        let (first, _) = all(100).walked(Some("next".into()), turns(1, &[bad]), now);
        let (through, told) = first.walked(None, turns(1, &[]), now);
        assert_eq!(told, Some(KeyNotice::AllRevokedBut { keys: 2, bots: 0, left: 1 }));
        assert_eq!((through.done_at, through.left.as_slice(), through.walks_again()), (None, [bad].as_slice(), None));
        let (still, told) = through.tried_again(turns(0, &[bad]), now);
        assert_eq!((still.done_at, told), (None, None), "told once");
        let (done, told) = still.tried_again(turns(1, &[]), now);
        assert_eq!((done.done_at, told), (Some(now), Some(KeyNotice::AllRevoked { keys: 3, bots: 0 })));
    }

    #[test]
    fn where_too_many_are_left_the_directory_is_walked_again() {
        let now = Moment::from_seconds(200);
        let failed = (1..=limits::REVOKE_ALL_LEFT as u64 + 2).map(|id| ClientId::new(id).unwrap()).collect();
        let (through, told) = all(100).walked(None, Turns { keys: 4, bots: 1, failed }, now);
        assert_eq!((through.left.len(), through.left_beyond), (limits::REVOKE_ALL_LEFT, 2));
        assert_eq!(told, Some(KeyNotice::AllRevokedBut { keys: 4, bots: 1, left: limits::REVOKE_ALL_LEFT + 2 }));
        let (tried, _) = through.tried_again(Turns { keys: 1000, ..Turns::default() }, now);
        assert_eq!(tried.done_at, None, "those beyond were not come to");
        let again = tried.walks_again().unwrap();
        assert_eq!((again.walked_to.as_ref(), again.walked_through, again.keys_revoked), (None, false, 0));
        let (done, _) = again.walked(None, Turns { keys: 1006, ..Turns::default() }, now);
        assert_eq!((done.done_at, done.keys_revoked), (Some(now), 1006));
    }

    #[test]
    fn a_reason_is_one_line_of_some_length() {
        assert_eq!(revocation_reason(" a\nleak ").unwrap(), "a leak");
        for wrong in [String::new(), " \n".into(), "x".repeat(limits::REVOKE_REASON_CHARS + 1)] {
            assert!(revocation_reason(&wrong).is_err());
        }
    }
}
