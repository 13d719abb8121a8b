//! Signing outside the house: the intent, its states, and the one step that may follow from each.
//!
//! An intent is kept per transaction hash, so that the same transaction is never signed twice however often it is
//! asked for. `Unknown` is a state: it is resolved by sending the very same body again, which Turnkey answers with the
//! activity that it already has for that body's fingerprint.

use serde::{Deserialize, Serialize};

use crate::{Moment, SessionId, SignatureId, limits};

/// Where an intent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentState {
    /// The body was handed to the mini-app to be stamped.
    AwaitingStamp,
    /// Committed, being sent.
    Pending,
    /// Sent, with no known outcome.
    Unknown,
    /// The signature exists.
    Signed,
    /// Known not to exist.
    Failed,
    /// Its outcome was never learnt and cannot be any more: Turnkey takes the body no longer and shows no activity.
    Lost,
}

/// The current attempt to have one transaction signed outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The transaction's hash, lower-case hex.
    pub hash: String,
    /// Rises with every change; a write names the version it saw.
    pub version: u64,
    /// The event that this attempt closes.
    pub signature_id: SignatureId,
    /// The session that signs.
    pub session_id: SessionId,
    /// Where it stands.
    pub state: IntentState,
    /// The exact body of the activity, its timestamp included.
    pub body: String,
    /// When the body was made.
    pub made_at: Moment,
    /// When the state last changed.
    pub changed_at: Moment,
    /// A client's stamp, kept to look again; a signature, not a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<String>,
    /// Turnkey's activity, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity_id: Option<String>,
    /// The signature, lower-case hex, once it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

impl Intent {
    /// The same attempt in another state, one version on.
    #[must_use]
    pub fn moved(&self, state: IntentState, now: Moment) -> Self {
        Self { version: self.version + 1, state, changed_at: now, ..self.clone() }
    }

    /// Whether Turnkey still takes its body.
    #[must_use]
    pub fn is_fresh(&self, now: Moment) -> bool {
        now < self.made_at.plus_seconds(limits::TURNKEY_FRESH_SECONDS)
    }

    /// Whether the request that sends its body may still be running.
    #[must_use]
    pub fn is_running(&self, now: Moment) -> bool {
        self.state == IntentState::Pending && now < self.changed_at.plus_seconds(limits::INTENT_LEASE_SECONDS)
    }

    /// Whether its body was sent, or was about to be, and what became of it is not known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, IntentState::Pending | IntentState::Unknown)
    }

    /// Whether it ended without a signature.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, IntentState::Failed | IntentState::Lost)
    }

    /// The last moment at which the mini-app may send the stamp. Only a body that was never sent waits for one; over
    /// any other the stamp merely shows whose wish it is, so it may come as late as one that is asked for now.
    #[must_use]
    pub fn stamp_by(&self, now: Moment) -> Moment {
        let since = if self.state == IntentState::AwaitingStamp { self.made_at } else { now };
        since.plus_seconds(limits::STAMP_REQUEST_SECONDS)
    }
}

/// The one step that may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Make a body with a new timestamp.
    Begin,
    /// Hand out the body that still waits for its stamp.
    AskAgain(&'a Intent),
    /// Forward the body that was handed out with the client's stamp.
    Forward(&'a Intent),
    /// Send the same body again to learn its outcome.
    Look(&'a Intent),
    /// Another request is sending it now.
    Running,
    /// Hand out the signature that exists.
    Reuse(&'a Intent),
    /// A stamp came for a body that was never handed out or is too old.
    NothingToStamp,
}

/// Judges a request of a session whose own API key stamps. `ours` says that the intent is for this session's wallet:
/// one for another wallet is another key's signature and is left behind, but not while it runs.
#[must_use]
pub fn step(intent: Option<&Intent>, ours: bool, now: Moment) -> Step<'_> {
    let Some(intent) = intent else { return Step::Begin };
    if intent.is_running(now) {
        return Step::Running;
    }
    match intent.state {
        _ if !ours => Step::Begin,
        IntentState::Signed => Step::Reuse(intent),
        IntentState::Failed | IntentState::Lost | IntentState::AwaitingStamp => Step::Begin,
        IntentState::Pending | IntentState::Unknown => Step::Look(intent),
    }
}

/// Judges a request of a session whose key is with the person. Without a stamp no signature is handed out, not even one
/// that exists: the same body is asked to be stamped again, and is never sent as another activity.
#[must_use]
pub fn step_stamped(intent: Option<&Intent>, ours: bool, stamped: bool, now: Moment) -> Step<'_> {
    let anew = if stamped { Step::NothingToStamp } else { Step::Begin };
    let Some(intent) = intent else { return anew };
    if intent.is_running(now) {
        return Step::Running;
    }
    match (intent.state, stamped) {
        _ if !ours => anew,
        (IntentState::AwaitingStamp, _) if now >= intent.stamp_by(now) => anew,
        (IntentState::Failed | IntentState::Lost, _) => anew,
        (IntentState::AwaitingStamp, true) => Step::Forward(intent),
        (IntentState::Signed, true) => Step::Reuse(intent),
        (IntentState::AwaitingStamp | IntentState::Signed, false) => Step::AskAgain(intent),
        (IntentState::Pending | IntentState::Unknown, false) if intent.is_fresh(now) => Step::AskAgain(intent),
        (IntentState::Pending | IntentState::Unknown, _) => Step::Look(intent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_seconds(1_800_000_000);

    fn intent(state: IntentState, age_seconds: i64) -> Intent {
        Intent {
            hash: "00".into(),
            version: 1,
            signature_id: SignatureId::new(9).unwrap(),
            session_id: SessionId::new(1).unwrap(),
            state,
            body: "{}".into(),
            made_at: NOW.plus_seconds(-age_seconds),
            changed_at: NOW.plus_seconds(-age_seconds),
            stamp: None,
            activity_id: None,
            signature: None,
        }
    }

    #[test]
    fn an_unknown_outcome_is_looked_up_and_a_signed_one_reused() {
        for (state, age, expected, of_another_wallet) in [
            (IntentState::Signed, 5000, "Reuse", "Begin"),
            (IntentState::Failed, 1, "Begin", "Begin"),
            (IntentState::Unknown, 1, "Look", "Begin"),
            (IntentState::Pending, 1, "Running", "Running"),
            (IntentState::Pending, limits::INTENT_LEASE_SECONDS, "Look", "Begin"),
        ] {
            let intent = intent(state, age);
            for (ours, expected) in [(true, expected), (false, of_another_wallet)] {
                let name = format!("{:?}", step(Some(&intent), ours, NOW));
                assert!(name.starts_with(expected), "{state:?} {ours}: {name}");
            }
        }
    }

    #[test]
    fn a_stamp_is_forwarded_only_for_the_body_that_was_handed_out() {
        let waiting = intent(IntentState::AwaitingStamp, 1);
        assert_eq!(step_stamped(Some(&waiting), true, true, NOW), Step::Forward(&waiting));
        assert_eq!(step_stamped(Some(&waiting), true, false, NOW), Step::AskAgain(&waiting));
        assert_eq!(step_stamped(Some(&waiting), false, true, NOW), Step::NothingToStamp);
        assert_eq!(step_stamped(None, true, true, NOW), Step::NothingToStamp);
        let old = intent(IntentState::AwaitingStamp, limits::STAMP_REQUEST_SECONDS);
        assert_eq!(step_stamped(Some(&old), true, true, NOW), Step::NothingToStamp);
        assert_eq!(step_stamped(Some(&old), true, false, NOW), Step::Begin);
    }

    #[test]
    fn without_a_stamp_no_signature_is_handed_out() {
        for (state, stamped) in
            [(IntentState::Signed, "Reuse"), (IntentState::Unknown, "Look"), (IntentState::Pending, "Look")]
        {
            let sent = intent(state, limits::STAMP_REQUEST_SECONDS);
            assert_eq!(step_stamped(Some(&sent), true, false, NOW), Step::AskAgain(&sent));
            assert!(format!("{:?}", step_stamped(Some(&sent), true, true, NOW)).starts_with(stamped), "{state:?}");
            assert!(sent.stamp_by(NOW) > NOW);
        }
        let old = intent(IntentState::Unknown, limits::TURNKEY_FRESH_SECONDS);
        assert_eq!(step_stamped(Some(&old), true, false, NOW), Step::Look(&old), "its body is taken no more");
    }
}
