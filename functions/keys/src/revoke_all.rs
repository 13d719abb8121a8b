//! Every client's key is revoked, once that is approved: each by its own commit, page by page, and at the end the admins are told.
//! Signatures are refused from the approval on; this makes it so in each client's own records.

use std::time::{Duration, Instant};

use countersign_core::{
    ClientId, Moment, Refusal,
    keyring::{BotStatus, KeyEvent, KeyHappening, KeyNotice, RevokeAll, revoked},
    limits,
};
use countersign_edge::clock;
use countersign_store::{KeyringAlong, KeyringFacts, KeyringWanted, Store, StoreError, Undone};

use crate::{entry::event, telling};

/// How long one run goes on; the next one begins where it stopped.
const RUN: Duration = Duration::from_secs(20);

/// Goes on with a revocation of all keys that was approved and is not done.
///
/// # Errors
/// Where the table does not answer, or a client's key changes all the time: the next run begins there again.
pub(crate) async fn go_on(store: &Store, now: Moment) -> Result<(), Refusal> {
    let begun = Instant::now();
    while let Some(all) = store.revoke_all().await?.filter(|all| all.done_at.is_none()) {
        match page(store, &all, now).await {
            // Another run is on its way, or another revocation has begun.
            Err(Undone::Race(_)) => return Ok(()),
            Err(Undone::Refused(refusal)) => return Err(refusal),
            Ok(()) if begun.elapsed() > RUN => return Ok(()),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// One page of clients, and where to go on from. With the last one the admins are told.
async fn page(store: &Store, all: &RevokeAll, now: Moment) -> Result<(), Undone> {
    let (clients, further) = store.client_ids(limits::REVOKE_ALL_PAGE, all.walked_to.as_deref()).await?;
    let (mut keys, mut bots) = (0, 0);
    for client in clients {
        if let Some(stopped) = store.in_turn(|| one(store, all, client)).await? {
            keys += 1;
            bots += stopped;
        }
    }
    let next = all.walked(further, (keys, bots), now);
    let messages = match next.done_at {
        Some(_) => {
            let (keys, bots) = (next.keys_revoked, next.bots_stopped);
            tracing::warn!(approval = %all.approval_id, keys, bots, "all keys are revoked");
            telling::messages(store, None, &KeyNotice::AllRevoked { keys, bots }, true, now).await?
        }
        None => Vec::new(),
    };
    match store.commit_revocation_walked(all, &next, &messages).await {
        Err(error @ StoreError::Condition(_)) => Err(Undone::Race(error)),
        other => Ok(other?),
    }
}

/// Revokes one client's key; how many of its bots were running. None where there was nothing to revoke.
async fn one(store: &Store, all: &RevokeAll, client: ClientId) -> Result<Option<usize>, Undone> {
    let wanted = KeyringWanted { client: Some(client), ..KeyringWanted::default() };
    let facts: KeyringFacts = store.keyring_facts(&wanted).await?;
    let (Some(client), Some(key)) = (&facts.client, facts.key()) else { return Ok(None) };
    let bots = store.bots_of(client.id).await?;
    if all.has_revoked(key) {
        // By a run that was cut off before it was written down: its bots are counted as they are now.
        let stopping = bots.iter().filter(|bot| bot.status(Some(key)) == BotStatus::Stopping).count();
        return Ok(Some(stopping));
    }
    if !all.covers(key) {
        return Ok(None);
    }
    let (permit, now) = (all.permit(client), clock::now());
    let Some(next) = revoked(Some(key), permit.by(), now)? else { return Ok(None) };
    let running = bots.iter().filter(|bot| bot.status(Some(key)) == BotStatus::Running).count();
    let event = KeyEvent {
        key_version: Some(key.facts.version),
        detail: Some(format!("all keys were revoked: {}; {running} bots were running", all.reason)),
        ..event(client.id, permit.by(), KeyHappening::Revoked, None, now)
    };
    let notice = KeyNotice::Revoked { address: key.facts.address.clone(), bots: running };
    let messages = telling::messages(store, Some(client), &notice, false, now).await?;
    let along = KeyringAlong { events: &[event], messages: &messages, ..KeyringAlong::default() };
    store.commit_key_revoked(&permit, key, &next, along).await?;
    Ok(Some(running))
}
