//! The sweep: signatures whose outcome was never learnt are looked up, so that nothing stays unknown that can be known.

use countersign_core::{Refusal, limits, signing::Session};
use countersign_edge::clock;
use countersign_store::{Closing, Guard, PendingIntent};

use crate::{Signers, look};

/// How many intents one sweep looks at.
const INTENTS: i32 = 50;

/// What a sweep did, for the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Swept {
    /// How many had no outcome.
    pub found: usize,
    /// How many have one now.
    pub closed: usize,
    /// How old the oldest one is that still has none, in seconds.
    pub oldest_seconds: i64,
}

/// Looks up every intent that has been without an outcome for longer than a request may take.
///
/// # Errors
/// Where the table cannot be read.
pub async fn sweep(signers: &Signers) -> Result<Swept, Refusal> {
    let before = clock::now().plus_seconds(-limits::INTENT_LEASE_SECONDS);
    let mut swept = Swept::default();
    for pending in signers.store.pending_intents(before, INTENTS).await? {
        swept.found += 1;
        match close(signers, &pending).await {
            Ok(true) => swept.closed += 1,
            Ok(false) => {
                let age = clock::now().seconds() - pending.intent.made_at.seconds();
                swept.oldest_seconds = swept.oldest_seconds.max(age);
            }
            Err(refusal) => {
                tracing::warn!(%refusal, reason = refusal.internal.as_deref(), "an intent was not looked up")
            }
        }
    }
    tracing::info!(found = swept.found, closed = swept.closed, oldest_seconds = swept.oldest_seconds, "swept");
    Ok(swept)
}

/// True where the intent has an outcome now.
async fn close(signers: &Signers, pending: &PendingIntent) -> Result<bool, Refusal> {
    let (intent, now) = (&pending.intent, clock::now());
    let session = pending.sessions.iter().find(|session| session.id == intent.session_id);
    let settled = look::look(signers, pending.subject, session, intent, now).await?;
    let settled = match session.map(public_key).transpose()? {
        Some(key) => settled.checked(&key, &look::hash_of(intent)?),
        None => settled,
    };
    let (moved, reason) = settled.moves(intent, now);
    if moved.state == intent.state && moved.activity_id == intent.activity_id {
        return Ok(false);
    }
    let closing = Closing { intent: &moved, reason, at: now, kept: None };
    match signers.store.commit_outcome(pending.subject, &closing).await {
        Ok(()) => Ok(moved.state != countersign_core::signing::IntentState::Unknown),
        // A request was faster; what it found counts.
        Err(error) if error.failed(Guard::Intent) || error.failed(Guard::Signature) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn public_key(session: &Session) -> Result<[u8; 32], Refusal> {
    let key = countersign_stellar::AccountKey::from_strkey(&session.stellar_public_key);
    key.map(|key| *key.as_bytes()).map_err(|_| Refusal::internal("a session without a public key"))
}
