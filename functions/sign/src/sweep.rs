//! The sweep: signatures whose outcome was never learnt are looked up, so that nothing stays unknown that can be known.

use std::time::{Duration, Instant};

use countersign_core::{Refusal, limits, signing::Session};
use countersign_edge::clock;
use countersign_store::{Closing, Guard, PendingIntent};

use crate::{Signers, look, settle::Settled};

/// How many intents one sweep looks at.
const INTENTS: i32 = 50;
/// After this long a sweep begins no further look: the last one still ends within the function's minute.
const BEGINNING: Duration = Duration::from_secs(30);

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

/// Looks up intents that have been without an outcome for longer than a request may take: those first that nobody has
/// looked at for the longest time.
///
/// # Errors
/// Where the table cannot be read.
pub async fn sweep(signers: &Signers) -> Result<Swept, Refusal> {
    let begun = Instant::now();
    let before = clock::now().plus_seconds(-limits::INTENT_LEASE_SECONDS);
    let mut swept = Swept::default();
    for key in signers.store.pending_intents(before, INTENTS).await? {
        // Read again just before the look: a session may have ended while others were looked at.
        let pending = match signers.store.pending_intent(&key, before).await {
            Ok(Some(pending)) => pending,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!(%error, "an intent was not read");
                continue;
            }
        };
        swept.found += 1;
        if begun.elapsed() < BEGINNING && closed(signers, &pending).await {
            swept.closed += 1;
        } else {
            let age = clock::now().seconds() - pending.intent.made_at.seconds();
            swept.oldest_seconds = swept.oldest_seconds.max(age);
        }
    }
    tracing::info!(found = swept.found, closed = swept.closed, oldest_seconds = swept.oldest_seconds, "swept");
    Ok(swept)
}

/// True where the intent has an outcome now.
async fn closed(signers: &Signers, pending: &PendingIntent) -> bool {
    let settled = learn(signers, pending).await.unwrap_or_else(|refusal| {
        tracing::warn!(%refusal, reason = refusal.internal.as_deref(), "an intent was not looked up");
        Settled::Unknown("it was not looked up")
    });
    let now = clock::now();
    let settled = match settled {
        Settled::Unknown(_) if now >= pending.intent.made_at.plus_seconds(limits::INTENT_GIVEN_UP_SECONDS) => {
            Settled::Lost
        }
        settled => settled,
    };
    // Written also where nothing was learnt: it then waits behind the others.
    let (moved, reason) = settled.moves(&pending.intent, now);
    let closing = Closing { intent: &moved, reason, at: now, kept: None, released: None };
    match signers.store.commit_outcome(pending.subject, &closing).await {
        Ok(()) => !moved.is_open(),
        // A request was faster; what it found counts.
        Err(error) if error.failed(Guard::Intent) || error.failed(Guard::Signature) => true,
        Err(error) => {
            tracing::warn!(%error, "an outcome was not committed");
            false
        }
    }
}

async fn learn(signers: &Signers, pending: &PendingIntent) -> Result<Settled, Refusal> {
    let intent = &pending.intent;
    let session = look::session_for(intent, &pending.sessions);
    let settled = look::look(signers, pending.subject, session, intent, None, clock::now()).await?;
    match session.map(public_key).transpose()? {
        Some(key) => Ok(settled.checked(&key, &look::hash_of(intent)?)),
        None => Ok(settled),
    }
}

fn public_key(session: &Session) -> Result<[u8; 32], Refusal> {
    let key = countersign_stellar::AccountKey::from_strkey(&session.stellar_public_key);
    key.map(|key| *key.as_bytes()).map_err(|_| Refusal::internal("a session without a public key"))
}
