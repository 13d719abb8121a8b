//! `PUT /clients/{id}/rotate-key`: a new key is staged, proven, and becomes the current one in one write that every bot sees.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Moment, Refusal, Sealed,
    keyring::{
        Client, ClientKey, ClientPermit, Entered, KeyEvent, KeyHappening, KeyNotice, StagedKey, switched,
        unknown_client,
    },
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::{HeldStage, KeptAnswer, KeyringAlong, KeyringWanted, NewKey, StoreError};
use serde::{Deserialize, Serialize};

use crate::{
    Keys,
    entering::{Entry, KeyText, Looked, end, lost},
    entry::event,
    telling,
};

const ENDPOINT: &str = "PUT /clients/{id}/rotate-key";

#[derive(Deserialize)]
struct RotateForm {
    private_key: KeyText,
    address: Option<String>,
    expires_at: Option<String>,
}

/// The body, for the OpenAPI document.
#[allow(dead_code, reason = "describes `RotateForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct RotateBody {
    /// The new key, in any form that `setup-bot` takes.
    private_key: String,
    /// Must be the key's own where it is given.
    address: Option<String>,
    /// RFC 3339; from then on nothing signs with it, and its people are warned before. With the key that is the current one already,
    /// its end is moved there; without a date that one keeps its end.
    expires_at: Option<String>,
}

/// A key that was rotated.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Rotated {
    /// The new version.
    version: u32,
    /// The new address.
    address: String,
    /// How many bots sign with it now.
    bots_updated: usize,
}

/// Rotate a client's key
///
/// By the client itself or an admin. The new key is sealed and proven beside the one in use; then one write makes it the current
/// one for every bot, and the one before is gone. Sent again after a failure, the same request goes on where it was. The new key is
/// of the same chain: another one is entered by `setup-bot` after the one before is revoked.
#[utoipa::path(
    put, path = "/clients/{id}/rotate-key", tag = "clients", request_body = RotateBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The client"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Rotated", body = Rotated),
        (status = 400, description = "No key, not that of the address, or a wrong date", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "No key to rotate, a key of another chain, one that is or was somebody's, or another \
            rotation was faster",
            body = ProblemDocument),
        (status = 503, description = "KMS is not available", body = ProblemDocument),
    )
)]
pub(crate) async fn rotate(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = keys.enter(&call, &id.0, ENDPOINT, KeyringWanted::default()).await?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let RotateForm { address, expires_at, .. } = call.object()?;
    let ends_at = end(expires_at.as_deref(), entered.now)?;
    let read = || Ok(call.object::<RotateForm>()?.private_key.0);
    let entry = Entry { read: &read, address: address.as_deref(), ends_at };
    let client = entered.facts.client.as_ref().ok_or_else(unknown_client)?;
    let turn = keys.rotation(&entered.permit, client, entry, entered.now).await?;
    let answer = Answer::ok(&turn.rotated)?;
    let kept = entered.kept(&call, &answer);
    let committed = keys.switch(&entered.permit, &turn, kept.as_ref(), None).await;
    Ok(keys.answer(&entered, &call, committed, answer).await?)
}

/// A rotation that is staged and proven: what is left is to write it.
pub(crate) struct Turn {
    pub(crate) rotated: Rotated,
    /// None: the key is the current one already, with this end.
    change: Option<Change>,
}

struct Change {
    seen: ClientKey,
    next: ClientKey,
    /// The new key and its stage; none: the key stays, and its end is another.
    staged: Option<(Sealed, String)>,
    event: KeyEvent,
    messages: Vec<countersign_core::messaging::OutMessage>,
}

impl Keys {
    /// Stages a new key and proves it.
    ///
    /// # Errors
    /// As the route.
    pub(crate) async fn rotation(
        &self,
        permit: &ClientPermit,
        client: &Client,
        entry: Entry<'_>,
        now: Moment,
    ) -> Result<Turn, Refusal> {
        let looked = self.look(permit, entry).await?;
        let bots_updated = self.store.bots_of(client.id).await?.len();
        if !looked.has_active() {
            return Err(Refusal::conflict("The client has no key to rotate; set up a bot with the new one"));
        }
        let seen = looked.facts.key().cloned().ok_or_else(unknown_client)?;
        if looked.what == Entered::Current {
            let (version, address) = (seen.facts.version, seen.facts.address.clone());
            let change = match entry.ends_at.filter(|end| seen.facts.ends_at != Some(*end)) {
                Some(end) => Some(self.new_end((permit, client), seen, end, now).await?),
                None => None,
            };
            return Ok(Turn { rotated: Rotated { version, address, bots_updated }, change });
        }
        seen.gives_way_to(looked.key.chain)?;
        let held = self.staged(permit, &seen, &looked, entry, now).await?;
        self.prove(client.id, held.staged.facts.version, &held.sealed, &looked.key).await?;
        let next = switched(client.id, Some(&seen), held.staged.facts.clone());
        let (address, ends_at) = (next.facts.address.clone(), next.facts.ends_at);
        let until = ends_at.map_or_else(|| "without an end".to_owned(), |end| format!("until {}", end.to_rfc3339()));
        let notice = KeyNotice::Rotated { address: address.clone(), ends_at };
        let messages = telling::messages(&self.store, Some(client), &notice, false, now).await?;
        let event = KeyEvent {
            key_version: Some(next.facts.version),
            detail: Some(format!("{address}, {until}")),
            ..event(client.id, permit.by(), KeyHappening::Rotated, None, now)
        };
        let rotated = Rotated { version: next.facts.version, address, bots_updated };
        let staged = Some((held.sealed, held.staged.stage));
        Ok(Turn { rotated, change: Some(Change { seen, next, staged, event, messages }) })
    }

    /// The current key with another end.
    async fn new_end(
        &self,
        (permit, client): (&ClientPermit, &Client),
        seen: ClientKey,
        end: Moment,
        now: Moment,
    ) -> Result<Change, Refusal> {
        let notice = KeyNotice::NewEnd { address: seen.facts.address.clone(), ends_at: end };
        let messages = telling::messages(&self.store, Some(client), &notice, false, now).await?;
        let before = seen.facts.ends_at.map_or_else(|| "none".to_owned(), Moment::to_rfc3339);
        let event = KeyEvent {
            key_version: Some(seen.facts.version),
            detail: Some(format!("until {}, before: {before}", end.to_rfc3339())),
            ..event(client.id, permit.by(), KeyHappening::ExpiryChanged, None, now)
        };
        Ok(Change { next: seen.ending(end), seen, staged: None, event, messages })
    }

    /// Stages the key, and reads it as it is stored: that is what is proven. What an earlier try of the same key has staged is
    /// taken up.
    async fn staged(
        &self,
        permit: &ClientPermit,
        seen: &ClientKey,
        looked: &Looked,
        entry: Entry<'_>,
        now: Moment,
    ) -> Result<HeldStage, Refusal> {
        let mut facts = looked.key_facts(permit.by(), entry.ends_at, now);
        if let Some(before) = &looked.facts.staged {
            let same = (&before.staged.facts.fingerprint, before.staged.facts.version, before.staged.facts.ends_at);
            if same == (&facts.fingerprint, facts.version, facts.ends_at) {
                facts.clone_from(&before.staged.facts);
            }
        }
        let sealed = self.seal(permit.client_id(), facts.version, entry).await?;
        let stage = format!("{:016x}{:016x}", countersign_edge::clock::random(), countersign_edge::clock::random());
        let staged = StagedKey { facts, stage: stage.clone() };
        self.store.stage_key(permit, seen, &staged, &sealed).await.map_err(lost)?;
        let wanted = KeyringWanted { client: Some(permit.client_id()), staged: true, ..KeyringWanted::default() };
        let held = self.store.keyring_facts(&wanted).await?.staged.filter(|held| held.staged.stage == stage);
        held.ok_or_else(|| Refusal::conflict("Another rotation of this client's key was faster"))
    }

    /// Makes a staged key the current one, or moves the end of the one that is.
    pub(crate) async fn switch(
        &self,
        permit: &ClientPermit,
        turn: &Turn,
        kept: Option<&KeptAnswer<'_>>,
        form: Option<&str>,
    ) -> Result<(), StoreError> {
        let Some(change) = &turn.change else {
            let along = KeyringAlong { kept, form, ..KeyringAlong::default() };
            return self.store.commit_nothing_new(permit, along).await;
        };
        let (seen, next) = (&change.seen, &change.next);
        let along =
            KeyringAlong { events: std::slice::from_ref(&change.event), messages: &change.messages, kept, form };
        let Some((sealed, stage)) = &change.staged else {
            return self.store.commit_key_end(permit, (seen, next), along).await;
        };
        self.store.commit_key(permit, &NewKey { seen: Some(seen), next, sealed, stage: Some(stage) }, &[], along).await
    }
}
