//! What the hour brings: questions and approvals expire, others are asked, and what has no end in time is queued again.
//!
//! Nothing depends on its being punctual: a vote past the end counts for nothing, whether this has run or not.

use countersign_core::{ApprovalId, Refusal, approval::Mint};
use countersign_edge::clock;
use countersign_store::Store;
use futures_util::{StreamExt as _, stream};

use crate::{Events, overdue};

/// How many proposals one run looks at: more than a minute brings, and past any that cannot be read.
const PROPOSALS: usize = 1000;
/// How many of them at once.
const AT_ONCE: usize = 8;

/// What a run did, for the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Run {
    /// How many were due.
    pub found: usize,
    /// How many of them were moved.
    pub moved: usize,
    /// How many could not be looked at; the next run does.
    pub failed: usize,
    /// How many messages and deliveries had no end in time and were queued again.
    pub queued_again: usize,
    /// How many of those could not be; the next run does.
    pub not_queued: usize,
}

/// Looks at every proposal about which something is due, and queues again what is overdue.
///
/// # Errors
/// Where the table cannot be read.
pub async fn run(store: &Store, events: &Events) -> Result<Run, Refusal> {
    // Neither waits for the other's luck.
    let again = overdue::run(store, events).await;
    let questions = attend_all(store).await?;
    let again = again?;
    Ok(Run { queued_again: again.queued, not_queued: again.failed, ..questions })
}

async fn attend_all(store: &Store) -> Result<Run, Refusal> {
    let due = store.due_approvals(clock::now(), PROPOSALS).await?;
    let looks = stream::iter(due).map(|id| attend(store, id)).buffer_unordered(AT_ONCE);
    let looked: Vec<Option<bool>> = looks.collect().await;
    let count = |of: Option<bool>| looked.iter().filter(|is| **is == of).count();
    let run = Run { found: looked.len(), moved: count(Some(true)), failed: count(None), ..Run::default() };
    if run.found > 0 {
        tracing::info!(found = run.found, moved = run.moved, failed = run.failed, "looked at what is due");
    }
    Ok(run)
}

/// Whether it was moved; none where it could not be looked at.
async fn attend(store: &Store, id: ApprovalId) -> Option<bool> {
    let attended = store.attend_approval(id, || Mint::new(clock::now(), clock::random)).await;
    attended.inspect_err(|error| tracing::error!(approval = %id, %error, "what is due was not done")).ok()
}
