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

    /// The last moment at which the mini-app may send the stamp.
    #[must_use]
    pub fn stamp_by(&self) -> Moment {
        self.made_at.plus_seconds(limits::STAMP_REQUEST_SECONDS)
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

/// Judges a request of a session whose own API key stamps.
#[must_use]
pub fn step(intent: Option<&Intent>, session: SessionId, now: Moment) -> Step<'_> {
    let Some(intent) = intent.filter(|intent| intent.session_id == session) else {
        return Step::Begin;
    };
    match intent.state {
        IntentState::Signed => Step::Reuse(intent),
        IntentState::Failed | IntentState::Lost | IntentState::AwaitingStamp => Step::Begin,
        IntentState::Pending | IntentState::Unknown => look(intent, now),
    }
}

/// Judges a request of a session whose key is with the person.
#[must_use]
pub fn step_stamped(intent: Option<&Intent>, session: SessionId, stamped: bool, now: Moment) -> Step<'_> {
    let intent = intent.filter(|intent| intent.session_id == session);
    let Some(intent) = intent else {
        return if stamped { Step::NothingToStamp } else { Step::Begin };
    };
    match (intent.state, stamped) {
        (IntentState::AwaitingStamp, _) if now >= intent.stamp_by() => {
            if stamped {
                Step::NothingToStamp
            } else {
                Step::Begin
            }
        }
        (IntentState::AwaitingStamp, true) => Step::Forward(intent),
        (IntentState::AwaitingStamp, false) => Step::AskAgain(intent),
        (IntentState::Signed, true) => Step::Reuse(intent),
        (IntentState::Failed | IntentState::Lost, true) => Step::NothingToStamp,
        (IntentState::Signed | IntentState::Failed | IntentState::Lost, false) => Step::Begin,
        (IntentState::Pending | IntentState::Unknown, _) => look(intent, now),
    }
}

fn look(intent: &Intent, now: Moment) -> Step<'_> {
    let leased =
        intent.state == IntentState::Pending && now < intent.changed_at.plus_seconds(limits::INTENT_LEASE_SECONDS);
    if leased { Step::Running } else { Step::Look(intent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_seconds(1_800_000_000);

    fn session(number: u64) -> SessionId {
        SessionId::new(number).unwrap()
    }

    fn intent(state: IntentState, age_seconds: i64) -> Intent {
        Intent {
            hash: "00".into(),
            version: 1,
            signature_id: SignatureId::new(9).unwrap(),
            session_id: session(1),
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
        for (state, age, expected) in [
            (IntentState::Signed, 5000, "Reuse"),
            (IntentState::Failed, 1, "Begin"),
            (IntentState::Unknown, 1, "Look"),
            (IntentState::Pending, 1, "Running"),
            (IntentState::Pending, limits::INTENT_LEASE_SECONDS, "Look"),
        ] {
            let intent = intent(state, age);
            let name = format!("{:?}", step(Some(&intent), session(1), NOW));
            assert!(name.starts_with(expected), "{state:?}: {name}");
            assert_eq!(step(Some(&intent), session(2), NOW), Step::Begin, "another session's intent");
        }
    }

    #[test]
    fn a_stamp_is_forwarded_only_for_the_body_that_was_handed_out() {
        let waiting = intent(IntentState::AwaitingStamp, 1);
        assert_eq!(step_stamped(Some(&waiting), session(1), true, NOW), Step::Forward(&waiting));
        assert_eq!(step_stamped(Some(&waiting), session(1), false, NOW), Step::AskAgain(&waiting));
        assert_eq!(step_stamped(None, session(1), true, NOW), Step::NothingToStamp);
        let old = intent(IntentState::AwaitingStamp, limits::STAMP_REQUEST_SECONDS);
        assert_eq!(step_stamped(Some(&old), session(1), true, NOW), Step::NothingToStamp);
        assert_eq!(step_stamped(Some(&old), session(1), false, NOW), Step::Begin);
    }
}
