//! Sending to Turnkey, and looking for the outcome of what was sent: the very same body again, never a new one.

use std::time::Duration;

use backon::{ConstantBuilder, ExponentialBuilder, Retryable};
use countersign_core::{
    Moment, Refusal, SealContext, Subject,
    signing::{Intent, Material, Session},
};
use countersign_turnkey::{Outcome, SubmitError, list_activities_body};

use crate::{Signers, settle, settle::Settled};

/// How often a throttled first sending is tried again within the request.
const THROTTLED_TRIES: usize = 2;
/// The longest that Turnkey's own `Retry-After` is waited for within the request.
const THROTTLED_WAIT: Duration = Duration::from_secs(2);
/// How often a pending activity is asked for within the request.
const PENDING_TRIES: usize = 4;
/// The pause between two such looks.
const PENDING_PAUSE: Duration = Duration::from_millis(300);
/// How many of an organization's activities are searched once the body is too old to be sent again.
const ACTIVITIES: u8 = 100;

/// Sends a body for the first time. 429 means that it has not run, so that alone is tried again.
pub(crate) async fn submit(signers: &Signers, body: &[u8], stamp: &str) -> Settled {
    let pause = ExponentialBuilder::new().with_min_delay(PENDING_PAUSE).with_max_times(THROTTLED_TRIES).with_jitter();
    let send = || signers.turnkey.submit(body, stamp);
    let answer = send
        .retry(pause)
        .when(|error| matches!(error, SubmitError::Throttled { .. }))
        .adjust(|error, pause| match error {
            SubmitError::Throttled { retry_after_seconds: Some(seconds) } => {
                Some(Duration::from_secs(u64::from(*seconds))).filter(|wait| *wait <= THROTTLED_WAIT)
            }
            _ => pause,
        })
        .await;
    wait(signers, body, stamp, settle::first(answer)).await
}

/// Gives a pending activity a moment to finish. A failed look leaves it pending.
async fn wait(signers: &Signers, body: &[u8], stamp: &str, settled: Settled) -> Settled {
    let Settled::Waiting { activity_id, consensus: false } = settled else { return settled };
    let look = || async {
        match signers.turnkey.submit(body, stamp).await {
            Ok(Outcome::Pending { .. }) | Err(_) => Err(()),
            Ok(outcome) => Ok(outcome),
        }
    };
    let pauses = ConstantBuilder::new().with_delay(PENDING_PAUSE).with_max_times(PENDING_TRIES);
    match look.retry(pauses).await {
        Ok(outcome) => settle::of(outcome),
        Err(()) => Settled::Waiting { activity_id, consensus: false },
    }
}

/// Looks for the outcome of an intent that has none.
///
/// # Errors
/// Where the vault cannot stamp now; nothing is known then.
pub(crate) async fn look(
    signers: &Signers,
    subject: Subject,
    session: Option<&Session>,
    intent: &Intent,
    now: Moment,
) -> Result<Settled, Refusal> {
    let body = intent.body.as_bytes();
    match session.map(|session| &session.material) {
        Some(Material::Turnkey(wallet, sealed)) => {
            let context = SealContext::signing_session(subject, intent.session_id);
            if intent.is_fresh(now) {
                let stamp = signers.vault.stamp(&context, sealed, body).await?;
                return Ok(wait(signers, body, &stamp, settle::again(signers.turnkey.submit(body, &stamp).await)).await);
            }
            let list = list_activities_body(&wallet.organization_id, ACTIVITIES, None);
            let stamp = signers.vault.stamp(&context, sealed, &list).await?;
            let Ok(activities) = signers.turnkey.list_activities(&list, &stamp).await else {
                return Ok(Settled::Unknown("the list was refused"));
            };
            let hash = hash_of(intent)?;
            let found = activities.into_iter().find(|activity| activity.is_for(&wallet.sign_with, &hash));
            Ok(found.map_or(Settled::Lost, |activity| settle::of(activity.outcome)))
        }
        Some(Material::Client(_)) if intent.is_fresh(now) => {
            let stamp = intent.stamp.as_deref().unwrap_or_default();
            Ok(wait(signers, body, stamp, settle::again(signers.turnkey.submit(body, stamp).await)).await)
        }
        // The session is gone, and with it the key that could look.
        None if intent.is_fresh(now) => Ok(Settled::Unknown("the session is gone")),
        _ => Ok(Settled::Lost),
    }
}

/// The transaction's hash.
pub(crate) fn hash_of(intent: &Intent) -> Result<[u8; 32], Refusal> {
    let mut hash = [0; 32];
    hex::decode_to_slice(&intent.hash, &mut hash).map_err(|_| Refusal::internal("an intent without a hash"))?;
    Ok(hash)
}
