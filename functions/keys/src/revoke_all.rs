//! Every client's key is revoked, once that is approved: each by its own commit, page by page, and at the end the admins are told.
//! Signatures are refused from the approval on; this makes it so in each client's own records.

use std::time::{Duration, Instant};

use countersign_core::{
    ClientId, Moment, Refusal,
    keyring::{BotStatus, ClientKey, KeyEvent, KeyHappening, KeyNotice, RevokeAll, Turns, revoked},
    limits,
};
use countersign_edge::clock;
use countersign_store::{FoundBots, KeyringAlong, Store, StoreError, Undone};

use crate::{entry::event, telling};

/// How long one run goes on; the next one begins where it stopped.
const RUN: Duration = Duration::from_secs(20);

/// Goes on with a revocation of all keys that was approved and is not done. A client whose key cannot be revoked holds nobody up: it
/// is left, and every run tries those first.
///
/// # Errors
/// Where the table does not answer, or clients are left: the next run goes on.
pub(crate) async fn go_on(store: &Store, now: Moment) -> Result<(), Refusal> {
    let (begun, mut is_first) = (Instant::now(), true);
    while let Some(all) = store.revoke_all().await?.filter(|all| all.done_at.is_none()) {
        let is_first = std::mem::replace(&mut is_first, false);
        let stepped = match all.walks_again().filter(|_| is_first) {
            Some(again) => step(store, &all, (again, None), now).await,
            None if is_first && !all.left.is_empty() => left(store, &all, begun, now).await,
            None if !all.walked_through => page(store, &all, now).await,
            None => return Err(still(&all)),
        };
        match stepped {
            // Another run is on its way, or another revocation has begun.
            Err(Undone::Race(_)) => return Ok(()),
            Err(Undone::Refused(refusal)) => return Err(refusal),
            Ok(()) if begun.elapsed() > RUN => return if all.left.is_empty() { Ok(()) } else { Err(still(&all)) },
            Ok(()) => {}
        }
    }
    Ok(())
}

fn still(all: &RevokeAll) -> Refusal {
    Refusal::internal(format!("clients whose keys are not revoked: {:?} and {} more", all.left, all.left_beyond))
}

/// One page of clients, and where to go on from.
async fn page(store: &Store, all: &RevokeAll, now: Moment) -> Result<(), Undone> {
    let (clients, further) = store.client_ids(limits::REVOKE_ALL_PAGE, all.walked_to.as_deref()).await?;
    let mut turns = Turns::default();
    for client in clients {
        turn(store, all, client, &mut turns).await;
    }
    step(store, all, all.walked(further, turns, now), now).await
}

/// Those that were left, once more each. Whoever fails again is behind those for whom there was no time.
async fn left(store: &Store, all: &RevokeAll, begun: Instant, now: Moment) -> Result<(), Undone> {
    let mut turns = Turns::default();
    let mut waiting = all.left.iter().copied();
    for client in waiting.by_ref() {
        turn(store, all, client, &mut turns).await;
        if begun.elapsed() > RUN {
            break;
        }
    }
    turns.failed = waiting.chain(std::mem::take(&mut turns.failed)).collect();
    step(store, all, all.tried_again(turns, now), now).await
}

async fn turn(store: &Store, all: &RevokeAll, client: ClientId, turns: &mut Turns) {
    match store.in_turn(|| one(store, all, client)).await {
        Ok(Some(stopped)) => {
            turns.keys += 1;
            turns.bots += stopped;
        }
        Ok(None) => {}
        Err(refusal) => {
            tracing::error!(%client, %refusal, "a client's key is to be revoked with all others, and is not");
            turns.failed.push(client);
        }
    }
}

/// Writes down how far it has come, and tells the admins where that is to be told.
async fn step(
    store: &Store,
    all: &RevokeAll,
    (next, notice): (RevokeAll, Option<KeyNotice>),
    now: Moment,
) -> Result<(), Undone> {
    let messages = match &notice {
        Some(notice) => {
            tracing::warn!(approval = %all.approval_id, ?notice, "all keys are revoked, or all but some");
            telling::messages_if_any(store, None, notice, true, now).await
        }
        None => Vec::new(),
    };
    match store.commit_revocation_walked(all, &next, &messages).await {
        Err(error @ StoreError::Condition(_)) => Err(Undone::Race(error)),
        other => Ok(other?),
    }
}

/// Revokes one client's key; how many of its bots were running. None where there was nothing to revoke. It hangs on the key's own
/// record alone: what else is read is for what is told and counted.
async fn one(store: &Store, all: &RevokeAll, client: ClientId) -> Result<Option<usize>, Undone> {
    let Some(key) = store.client_key(client).await? else { return Ok(None) };
    if all.has_revoked(&key) {
        // By a run that was cut off before it was written down: its bots are counted as they are now.
        return Ok(Some(bots(store, &key, BotStatus::Stopping).await));
    }
    let (permit, now) = (all.permit(client), clock::now());
    let Some(next) = revoked(Some(&key), permit.by(), now)?.filter(|_| all.covers(&key)) else { return Ok(None) };
    let running = bots(store, &key, BotStatus::Running).await;
    let event = KeyEvent {
        key_version: Some(key.facts.version),
        detail: Some(format!("all keys were revoked: {}; {running} bots were running", all.reason)),
        ..event(client, permit.by(), KeyHappening::Revoked, None, now)
    };
    let notice = KeyNotice::Revoked { address: key.facts.address.clone(), bots: running };
    let messages = match store.clients_of(&[client]).await {
        Ok(found) => {
            let told = found.first().map(|listed| &listed.client);
            telling::messages_if_any(store, told, &notice, false, now).await
        }
        Err(error) => {
            tracing::error!(%error, %client, "a client whose key is revoked cannot be read, and is not told");
            Vec::new()
        }
    };
    let along = KeyringAlong { events: &[event], messages: &messages, ..KeyringAlong::default() };
    store.commit_key_revoked(&permit, &key, &next, along).await?;
    Ok(Some(running))
}

/// How many of a client's bots are so, as far as they can be read.
async fn bots(store: &Store, key: &ClientKey, status: BotStatus) -> usize {
    let found: FoundBots = store.found_bots_of(key.client_id).await.unwrap_or_else(|error| {
        tracing::error!(%error, client = %key.client_id, "the bots of a client cannot be read");
        FoundBots::default()
    });
    found.bots.iter().filter(|bot| bot.status(Some(key)) == status).count()
}
