//! Everything that a decision about a client's key or bot needs, in one strongly consistent round trip.

use countersign_core::{
    BotId, ClientId, Person, Refusal, Sealed, ServiceId, Subject,
    gate::{RunnerIds, StoredService},
    idempotency::{IdempotencyKey, IdempotencyRecord},
    keyring::{
        Bot, Client, ClientKey, Heartbeat, KeyClaim, RevokeAll, RunnerToken, Spent, StagedKey, not_revoked_with_all,
    },
};

use super::items::take_sealed;
use crate::{
    KeyScope, Store, StoreError,
    items::{kind_of, read},
    keys::{self, Key, keyring as of},
    table::Item,
};

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct KeyringWanted<'a> {
    /// Who calls.
    pub subject: Option<Subject>,
    /// The service that calls.
    pub service: Option<ServiceId>,
    /// The client, with its key.
    pub client: Option<ClientId>,
    /// Not the revocation of all keys: for whom it does not matter, such as whoever revokes this one.
    pub without_revoke_all: bool,
    /// Its staged key as well.
    pub staged: bool,
    /// One of its bots, with its heartbeats.
    pub bot: Option<BotId>,
    /// A runner's token, with its bot, the client's key, and what the bot has signed; instead of `client` and `bot`.
    pub runner: Option<RunnerIds>,
    /// Whose the key of this fingerprint is.
    pub fingerprint: Option<&'a str>,
    /// The record of an idempotency key.
    pub idempotency: Option<(KeyScope, &'a IdempotencyKey)>,
}

/// A client's key with its sealed bytes; they are gone where it is revoked.
#[derive(Debug)]
pub struct HeldKey {
    /// The record.
    pub key: ClientKey,
    /// The sealed bytes.
    pub sealed: Option<Sealed>,
}

/// A staged key with its sealed bytes.
#[derive(Debug)]
pub struct HeldStage {
    /// The record.
    pub staged: StagedKey,
    /// The sealed bytes.
    pub sealed: Sealed,
}

/// What was found.
#[derive(Debug, Default)]
pub struct KeyringFacts {
    /// Who calls.
    pub person: Option<Person>,
    /// The service that calls.
    pub service: Option<StoredService>,
    /// The client.
    pub client: Option<Client>,
    /// Its key.
    pub held: Option<HeldKey>,
    /// Its staged key.
    pub staged: Option<HeldStage>,
    /// The bot.
    pub bot: Option<Bot>,
    /// Its heartbeats.
    pub heartbeat: Option<Heartbeat>,
    /// The runner's token.
    pub runner: Option<RunnerToken>,
    /// What the bot has signed within the hour.
    pub spent: Spent,
    /// Whose the fingerprint is.
    pub claim: Option<KeyClaim>,
    /// The last revocation of every client's key, where a client or a runner is asked for.
    pub revoke_all: Option<RevokeAll>,
    /// The idempotency record.
    pub idempotency: Option<IdempotencyRecord>,
}

impl KeyringFacts {
    /// The client's key, where there is one.
    #[must_use]
    pub fn key(&self) -> Option<&ClientKey> {
        self.held.as_ref().map(|held| &held.key)
    }

    /// That the client's key was not revoked with all others: its own record may not say so yet.
    ///
    /// # Errors
    /// 409 where it was.
    pub fn not_revoked_with_all(&self) -> Result<(), Refusal> {
        not_revoked_with_all(self.revoke_all.as_ref(), self.key())
    }
}

impl Store {
    /// Reads what is wanted with one `BatchGetItem`.
    ///
    /// # Errors
    /// Where the table cannot be read, or an item is not of our form.
    pub async fn keyring_facts(&self, wanted: &KeyringWanted<'_>) -> Result<KeyringFacts, StoreError> {
        let (mut facts, keys) = (KeyringFacts::default(), wanted.keys());
        if keys.is_empty() {
            return Ok(facts);
        }
        for item in self.get_batch(&keys).await? {
            facts.take(item)?;
        }
        Ok(facts)
    }

    /// Whose a bot is; none where there is no such bot.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn client_of_bot(&self, id: BotId) -> Result<Option<ClientId>, StoreError> {
        let found = self.get(&of::bot_owner(id)).await?;
        found.map(|item| read::<Owner>(item, "bot_owner").map(|owner| owner.client_id)).transpose()
    }
}

/// Whose something is.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Owner {
    pub(super) client_id: ClientId,
}

impl KeyringWanted<'_> {
    fn keys(&self) -> Vec<Key> {
        let mut wanted = Vec::with_capacity(8);
        wanted.extend(self.subject.map(keys::person));
        wanted.extend(self.service.map(keys::service));
        if let Some(RunnerIds { client_id, bot_id, token_id }) = self.runner {
            wanted.extend([
                of::runner(client_id, bot_id, token_id),
                of::bot(client_id, bot_id),
                of::key(client_id),
                of::spent(client_id, bot_id),
                of::heartbeat(client_id, bot_id),
                of::revoke_all(),
            ]);
        } else if let Some(client) = self.client {
            wanted.extend([of::client(client), of::key(client)]);
            wanted.extend((!self.without_revoke_all).then(of::revoke_all));
            wanted.extend(self.staged.then(|| of::staged(client)));
            wanted.extend(self.bot.into_iter().flat_map(|bot| [of::bot(client, bot), of::heartbeat(client, bot)]));
        }
        wanted.extend(self.fingerprint.map(of::claim));
        wanted.extend(self.idempotency.map(|(scope, key)| keys::idempotency(scope, &key.name)));
        wanted
    }
}

impl KeyringFacts {
    fn take(&mut self, item: Item) -> Result<(), StoreError> {
        match kind_of(&item) {
            "person" => self.person = Some(read(item, "person")?),
            "service" => self.service = Some(read(item, "service")?),
            "client" => self.client = Some(read(item, "client")?),
            "client_key" => self.held = Some(held_key(item)?),
            "staged_key" => self.staged = Some(held_stage(item)?),
            "bot" => self.bot = Some(read(item, "bot")?),
            "heartbeat" => self.heartbeat = Some(read(item, "heartbeat")?),
            "runner_token" => self.runner = Some(read(item, "runner_token")?),
            "bot_spent" => self.spent = read(item, "bot_spent")?,
            "revoke_all" => self.revoke_all = Some(read(item, "revoke_all")?),
            "key_claim" => self.claim = Some(read(item, "key_claim")?),
            "idempotency" => self.idempotency = Some(read(item, "idempotency")?),
            _ => return Err(StoreError::Unreadable("an item that was not asked for".into())),
        }
        Ok(())
    }
}

pub(super) fn held_key(mut item: Item) -> Result<HeldKey, StoreError> {
    let sealed = take_sealed(&mut item);
    Ok(HeldKey { key: read(item, "client_key")?, sealed })
}

fn held_stage(mut item: Item) -> Result<HeldStage, StoreError> {
    let sealed = take_sealed(&mut item).ok_or_else(|| StoreError::Unreadable("a staged key without a key".into()))?;
    Ok(HeldStage { staged: read(item, "staged_key")?, sealed })
}
