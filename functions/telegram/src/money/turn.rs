//! A change of a family that an update brings about: decided in turn with others, committed with the claim of the update.

use std::future::Future;

use countersign_core::{bot::NotDone, family::Change};
use countersign_store::{Along, Guard, StoreError, Undone};

use crate::talk::Talk;

/// What one attempt brings: done, or the update is not to be handled any further; the outer error is for the next attempt.
pub(super) type Attempt<T> = Result<Result<T, NotDone>, Undone>;

/// Attempts until nobody else was faster.
pub(super) async fn in_turn<T, F>(talk: &Talk<'_>, attempt: impl Fn() -> F) -> Result<T, NotDone>
where
    F: Future<Output = Attempt<T>>,
{
    // What a commit drags along is large: it lives on the heap.
    Box::pin(talk.bot.store.in_turn(attempt)).await?
}

/// Commits a change with the contact. That the update was handled before, or that the person's record changed, ends the turn.
pub(super) async fn commit<T>(talk: &Talk<'_>, change: &Change, done: T) -> Attempt<T> {
    let along = Along { kept: None, contact: Some(&talk.contact) };
    match Box::pin(talk.bot.store.commit_family(change, along)).await {
        Ok(()) => Ok(Ok(done)),
        Err(error @ StoreError::Condition(Guard::Update | Guard::Contact)) => Ok(Err(error.into())),
        Err(error) => Err(error.into()),
    }
}
