//! What an answer of Turnkey means for an intent.

use countersign_core::{
    Moment, Refusal, RefusalKind,
    signing::{Intent, IntentState},
};
use countersign_turnkey::{Outcome, SubmitError};

/// What is known after a call.
#[derive(Debug)]
pub(crate) enum Settled {
    /// The signature exists.
    Signed([u8; 64]),
    /// The activity exists and has no outcome yet.
    Waiting { activity_id: String, consensus: bool },
    /// There is no signature and this attempt will have none.
    Failed(Refusal),
    /// The call certainly did not run; another try may.
    NotRun(Refusal),
    /// Not known.
    Unknown(&'static str),
    /// Not known, and no way left to learn it.
    Lost,
}

/// Reads the answer of the first sending of a body.
pub(crate) fn first(answer: Result<Outcome, SubmitError>) -> Settled {
    match answer {
        Ok(outcome) => of(outcome),
        Err(SubmitError::NotSent) => Settled::NotRun(Refusal::unavailable("turnkey: not sent")),
        Err(SubmitError::Throttled { retry_after_seconds }) => Settled::NotRun(
            Refusal::unavailable("turnkey: throttled").retry_after(retry_after_seconds.unwrap_or(1).max(1)),
        ),
        Err(SubmitError::Refused { status, message }) => Settled::Failed(
            Refusal::new(RefusalKind::Upstream, "Turnkey refused the request")
                .because(format!("turnkey: {status} {message}")),
        ),
        Err(SubmitError::Unknown { why }) => Settled::Unknown(why),
    }
}

/// Reads the answer of a body that was sent before: a refusal now says nothing of what became of it then.
pub(crate) fn again(answer: Result<Outcome, SubmitError>) -> Settled {
    match answer {
        Ok(outcome) => of(outcome),
        Err(SubmitError::Unknown { why }) => Settled::Unknown(why),
        Err(_) => Settled::Unknown("the look was refused"),
    }
}

/// Reads an outcome.
pub(crate) fn of(outcome: Outcome) -> Settled {
    match outcome {
        Outcome::Signed(signature) => Settled::Signed(signature),
        Outcome::Pending { activity_id } => Settled::Waiting { activity_id, consensus: false },
        Outcome::ConsensusNeeded { activity_id } => Settled::Waiting { activity_id, consensus: true },
        Outcome::Rejected { .. } => Settled::Failed(Refusal::forbidden("The signature was rejected at Turnkey")),
        Outcome::Failed { code, message } => {
            Settled::Failed(Refusal::new(RefusalKind::Upstream, message).because(format!("turnkey: failure {code}")))
        }
    }
}

impl Settled {
    /// A signature that does not verify for this key is no signature.
    pub(crate) fn checked(self, public_key: &[u8; 32], hash: &[u8; 32]) -> Self {
        match self {
            Self::Signed(signature) if !countersign_stellar::verify(public_key, hash, &signature) => Self::Failed(
                Refusal::new(RefusalKind::Upstream, "The wallet at Turnkey signed with another key than the session's"),
            ),
            settled => settled,
        }
    }

    /// The intent as it shall be, and the words for its record.
    pub(crate) fn moves(&self, intent: &Intent, now: Moment) -> (Intent, &'static str) {
        let to = |state| intent.moved(state, now);
        match self {
            Self::Signed(signature) => {
                (Intent { signature: Some(hex::encode(signature)), ..to(IntentState::Signed) }, "signed")
            }
            Self::Waiting { activity_id, .. } => {
                (Intent { activity_id: Some(activity_id.clone()), ..to(IntentState::Unknown) }, "waiting")
            }
            Self::Failed(_) => (to(IntentState::Failed), "failed"),
            Self::NotRun(_) => (to(IntentState::Failed), "not run"),
            Self::Unknown(why) => (to(IntentState::Unknown), why),
            Self::Lost => (to(IntentState::Lost), "never learnt"),
        }
    }
}
