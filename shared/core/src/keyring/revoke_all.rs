//! The emergency: every client's key is revoked at once, by one admin who asks and another who approves.

use serde::{Deserialize, Serialize};

use super::{
    Client, ClientKey, KeyStanding,
    client::{ClientPermit, emergency_permit},
};
use crate::{
    ApprovalId, Moment, Refusal, TelegramId, UserId,
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
    pub fn permit(&self, client: &Client) -> ClientPermit {
        emergency_permit(client.id, self.by())
    }

    /// One page of clients further; at the end of the directory it is done.
    #[must_use]
    pub fn walked(&self, walked_to: Option<String>, (keys, bots): (usize, usize), now: Moment) -> Self {
        Self {
            done_at: walked_to.is_none().then_some(now),
            walked_to,
            pages: self.pages.saturating_add(1),
            keys_revoked: self.keys_revoked.saturating_add(keys),
            bots_stopped: self.bots_stopped.saturating_add(bots),
            ..self.clone()
        }
    }
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
    use crate::{
        ClientId,
        keyring::{Chain, KeyFacts, revoked, switched},
    };

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
        let first = all(100).walked(Some("next".into()), (2, 5), now);
        assert_eq!((first.keys_revoked, first.bots_stopped, first.done_at), (2, 5, None));
        let last = first.walked(None, (1, 0), now);
        assert_eq!((last.keys_revoked, last.bots_stopped, last.pages, last.done_at), (3, 5, 2, Some(now)));
    }

    #[test]
    fn a_reason_is_one_line_of_some_length() {
        assert_eq!(revocation_reason(" a\nleak ").unwrap(), "a leak");
        for wrong in [String::new(), " \n".into(), "x".repeat(limits::REVOKE_REASON_CHARS + 1)] {
            assert!(revocation_reason(&wrong).is_err());
        }
    }
}
