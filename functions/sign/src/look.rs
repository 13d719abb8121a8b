//! Sending to Turnkey, and looking for the outcome of what was sent: the very same body again, never a new one.

use std::time::Duration;

use backon::{ConstantBuilder, ExponentialBuilder, Retryable};
use countersign_core::{
    Moment, Refusal, SealContext, Sealed, Subject,
    signing::{Intent, Material, Session, session::TurnkeyWallet},
};
use countersign_turnkey::{Activity, Outcome, SubmitError, asks_wallet, get_activity_body, list_activities_body};
use tokio::time::timeout;

use crate::{Signers, settle, settle::Settled};

/// The longest that a first sending takes, its tries included: with all else within the function's 29 s.
const SENDING: Duration = Duration::from_secs(15);
/// The longest that a pending activity is waited for.
const WAITING: Duration = Duration::from_secs(3);
/// How often a throttled first sending is tried again within the request.
const THROTTLED_TRIES: usize = 2;
/// The longest that Turnkey's own `Retry-After` is waited for within the request.
const THROTTLED_WAIT: Duration = Duration::from_secs(2);
/// How often a pending activity is asked for within the request.
const PENDING_TRIES: usize = 4;
/// The pause between two such looks.
const PENDING_PAUSE: Duration = Duration::from_millis(300);
/// How many activities a page of the list has: the most that Turnkey gives.
const ACTIVITIES: u8 = 100;
/// How many pages are searched.
const PAGES: usize = 10;

/// Sends a body for the first time. 429 means that it has not run, so that alone is tried again.
pub(crate) async fn submit(signers: &Signers, body: &[u8], stamp: &str) -> Settled {
    let pause = ExponentialBuilder::new().with_min_delay(PENDING_PAUSE).with_max_times(THROTTLED_TRIES).with_jitter();
    let send = || signers.turnkey.submit(body, stamp);
    let sending = send.retry(pause).when(|error| matches!(error, SubmitError::Throttled { .. })).adjust(asked_pause);
    match timeout(SENDING, sending).await {
        Ok(answer) => wait(signers, body, stamp, settle::first(answer)).await,
        Err(_) => Settled::Unknown("no answer in time"),
    }
}

/// Turnkey's own pause in place of ours, where there is a try left and it is short enough.
fn asked_pause(error: &SubmitError, ours: Option<Duration>) -> Option<Duration> {
    let ours = ours?;
    match error {
        SubmitError::Throttled { retry_after_seconds: Some(seconds) } => {
            Some(Duration::from_secs(u64::from(*seconds))).filter(|asked| *asked <= THROTTLED_WAIT)
        }
        _ => Some(ours),
    }
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
    match timeout(WAITING, look.retry(pauses)).await {
        Ok(Ok(outcome)) => settle::of(outcome),
        Ok(Err(())) | Err(_) => Settled::Waiting { activity_id, consensus: false },
    }
}

/// Looks for the outcome of an intent that has none, with a session for its wallet. `stamp` is the person's, where this
/// request brought one.
///
/// # Errors
/// Where the vault cannot stamp now; nothing is known then.
pub(crate) async fn look(
    signers: &Signers,
    subject: Subject,
    session: Option<&Session>,
    intent: &Intent,
    stamp: Option<&str>,
    now: Moment,
) -> Result<Settled, Refusal> {
    let (body, fresh) = (intent.body.as_bytes(), intent.is_fresh(now));
    // What was sent may never have arrived, so sending it again may sign: only a live session does that.
    let may_send = fresh && session.is_some_and(|session| session.is_live(now));
    match session.map(|session| (session, &session.material)) {
        Some((session, Material::Turnkey(wallet, sealed))) => {
            let looking =
                Looking { signers, wallet, sealed, context: SealContext::signing_session(subject, session.id) };
            if may_send {
                return Ok(send_again(signers, body, &looking.stamp(body).await?).await);
            }
            match looking.search(intent).await? {
                Settled::Lost if fresh => Ok(Settled::Unknown("not at Turnkey, which still takes it")),
                settled => Ok(settled),
            }
        }
        Some((_, Material::Client(_))) if may_send => match stamp.or(intent.stamp.as_deref()) {
            Some(stamp) => Ok(send_again(signers, body, stamp).await),
            None => Ok(Settled::Unknown("nobody has stamped")),
        },
        // The session is over or gone, and with it the key that could look.
        _ if fresh => Ok(Settled::Unknown("the session is over")),
        _ => Ok(Settled::Lost),
    }
}

async fn send_again(signers: &Signers, body: &[u8], stamp: &str) -> Settled {
    wait(signers, body, stamp, settle::again(signers.turnkey.submit(body, stamp).await)).await
}

/// A wallet and the key that may look at its activities.
struct Looking<'a> {
    signers: &'a Signers,
    wallet: &'a TurnkeyWallet,
    sealed: &'a Sealed,
    context: SealContext,
}

impl Looking<'_> {
    async fn stamp(&self, body: &[u8]) -> Result<String, Refusal> {
        Ok(self.signers.vault.stamp(&self.context, self.sealed, body).await?)
    }

    /// Asks for the activity by its id, where that is known; else searches the list.
    async fn search(&self, intent: &Intent) -> Result<Settled, Refusal> {
        let organization_id = &self.wallet.organization_id;
        if let Some(activity_id) = &intent.activity_id {
            let body = get_activity_body(organization_id, activity_id);
            let found = self.signers.turnkey.get_activity(&body, &self.stamp(&body).await?).await;
            return Ok(found.map_or_else(|error| not_shown(&error), |activity| settle::of(activity.outcome)));
        }
        let hash = hash_of(intent)?;
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let body = list_activities_body(organization_id, ACTIVITIES, after.as_deref());
            let page = match self.signers.turnkey.list_activities(&body, &self.stamp(&body).await?).await {
                Ok(page) => page,
                Err(error) => return Ok(not_shown(&error)),
            };
            let Some(last) = page.last().map(|activity| activity.id.clone()) else { break };
            let mut found =
                page.into_iter().filter(|activity| activity.is_for(&self.wallet.sign_with, &hash)).peekable();
            if found.peek().is_some() {
                return Ok(best(found));
            }
            after = Some(last);
        }
        Ok(Settled::Lost)
    }
}

/// Of several for the same transaction the one that signed counts, else the newest.
fn best(found: impl Iterator<Item = Activity>) -> Settled {
    let outcomes = found.map(|activity| activity.outcome);
    let best = outcomes.reduce(|best, next| if matches!(next, Outcome::Signed(_)) { next } else { best });
    best.map_or(Settled::Lost, settle::of)
}

/// The body is too old to run any more; where the key may not even look, nobody here will ever know.
fn not_shown(error: &SubmitError) -> Settled {
    match error {
        SubmitError::Refused { .. } => Settled::Lost,
        _ => Settled::Unknown("Turnkey did not show it"),
    }
}

/// Whether an intent is for this wallet. A newer API key of the same wallet looks as well as the first one.
pub(crate) fn is_of_wallet(intent: &Intent, wallet: &TurnkeyWallet) -> bool {
    asks_wallet(&intent.body, &wallet.organization_id, &wallet.sign_with)
}

/// The session that may look for an intent: one for its wallet.
pub(crate) fn session_for<'a>(intent: &Intent, sessions: &'a [Session]) -> Option<&'a Session> {
    let fits = |session: &&Session| session.material.wallet().is_some_and(|wallet| is_of_wallet(intent, wallet));
    // One whose key is here can always look.
    let here = |session: &&Session| matches!(session.material, Material::Turnkey(..));
    sessions.iter().filter(fits).find(here).or_else(|| sessions.iter().find(fits))
}

/// The transaction's hash.
pub(crate) fn hash_of(intent: &Intent) -> Result<[u8; 32], Refusal> {
    let mut hash = [0; 32];
    hex::decode_to_slice(&intent.hash, &mut hash).map_err(|_| Refusal::internal("an intent without a hash"))?;
    Ok(hash)
}
