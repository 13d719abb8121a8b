//! How all bots and keys are, looked at once a minute: heartbeats that are late, keys that end, stops that are overdue, KMS. Each is
//! told once, and once when it is well again.

use aws_config::SdkConfig;
use countersign_core::{
    BotId, ClientId, Moment, Purpose, Refusal,
    keyring::{Bot, BotStatus, Client, ClientKey, KeyEvent, KeyHappening, KeyNotice, KeyStanding, KmsHealth, Stop},
    limits,
    messaging::OutMessage,
};
use countersign_edge::{Environment, clock, start::Error};
use countersign_store::{DueKeyring, KeyringAlong, KeyringWanted, Store, StoreError};
use countersign_vault::Vault;

use crate::{entry::event, revoke_all, state, telling};

/// Who has seen it, as it is written down.
const BY: &str = "monitor";

/// What the monitor holds.
pub struct Monitor {
    store: Store,
    vault: Vault,
}

/// What a run did, for the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Ran {
    /// How many were due.
    pub due: usize,
    /// How many could not be done now.
    pub failed: usize,
}

impl Monitor {
    /// Builds the clients. Variables: `TABLE_NAME`, `SEALING_KEY_ID`, `FINGERPRINT_KEY_ID`.
    ///
    /// # Errors
    /// Where a variable is missing.
    pub fn build(environment: &Environment, aws: &SdkConfig) -> Result<Self, Error> {
        Ok(Self { store: Store::new(aws, environment.required("TABLE_NAME")?), vault: state::vault(environment, aws)? })
    }

    /// Opens the connections before the first run.
    pub async fn warm(&self) {
        if let (Err(error), ()) = tokio::join!(self.store.warm(), self.vault.warm()) {
            tracing::warn!(%error, "the table did not answer at start");
        }
    }
}

/// Looks at what is due.
///
/// # Errors
/// Where the table cannot be read.
pub async fn run(monitor: &Monitor) -> Result<Ran, Refusal> {
    run_at(monitor, clock::now()).await
}

/// Looks at what is due at this moment.
///
/// # Errors
/// As [`run`].
pub async fn run_at(monitor: &Monitor, now: Moment) -> Result<Ran, Refusal> {
    monitor.look_at_kms(now).await?;
    due_at(monitor, now).await
}

/// The same without a look at KMS.
///
/// # Errors
/// As [`run`].
pub async fn due_at(monitor: &Monitor, now: Moment) -> Result<Ran, Refusal> {
    let mut ran = Ran::default();
    // An emergency goes before everything else, and nothing else waits for it where it fails.
    if let Err(refusal) = revoke_all::go_on(&monitor.store, now).await {
        tracing::error!(%refusal, "all keys are to be revoked, and not all of them are");
    }
    for due in monitor.store.due_keyring(now, limits::MONITOR_ITEMS).await? {
        ran.due += 1;
        let done = match due {
            DueKeyring::Heartbeat(client, bot) => monitor.heartbeat(client, bot, now).await,
            DueKeyring::Key(client) => monitor.key(client, now).await,
            DueKeyring::Stop(client, bot) => monitor.stop(client, bot, now).await,
        };
        match done {
            // Somebody was faster: the next run looks again.
            Ok(()) | Err(StoreError::Condition(_)) => {}
            Err(error) => {
                ran.failed += 1;
                tracing::warn!(%error, "what was due of keys and bots was not done");
            }
        }
    }
    if ran.due > 0 {
        tracing::info!(due = ran.due, failed = ran.failed, "keys and bots looked at");
    }
    Ok(ran)
}

impl Monitor {
    async fn look_at_kms(&self, now: Moment) -> Result<(), Refusal> {
        let seen = self.vault.check(Purpose::TradingKey).await;
        if let Err(error) = &seen {
            tracing::error!(%error, "keys cannot be sealed or opened");
        }
        let Some(next) = KmsHealth::seen(self.store.kms_health().await?, seen.is_ok(), now) else { return Ok(()) };
        let notice = if next.healthy { KeyNotice::KmsHealthy } else { KeyNotice::KmsUnhealthy };
        let messages = telling::messages(&self.store, None, &notice, true, now).await?;
        match self.store.commit_kms_health(&next, &messages).await {
            Ok(()) | Err(StoreError::Condition(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A heartbeat that is late: its client is told.
    async fn heartbeat(&self, client: ClientId, bot: BotId, now: Moment) -> Result<(), StoreError> {
        let wanted = KeyringWanted { client: Some(client), bot: Some(bot), ..KeyringWanted::default() };
        let facts = self.store.keyring_facts(&wanted).await?;
        let (Some(bot), Some(before)) = (&facts.bot, &facts.heartbeat) else { return Ok(()) };
        if before.due_at().is_none_or(|due| due > now) {
            return Ok(());
        }
        let mut next = before.clone();
        (next.late_told, next.version) = (true, before.version.saturating_add(1));
        let runs = bot.status(facts.key()) == BotStatus::Running;
        let minutes = (now.seconds() - before.since.seconds()) / 60;
        let notice = KeyNotice::HeartbeatLate { bot: bot.name.clone(), minutes };
        let event = event(client, BY, KeyHappening::HeartbeatLate, Some(bot.id), now);
        // A bot whose key was revoked is told of as one that has not stopped.
        let messages = if runs { self.told(facts.client.as_ref(), &notice, false, now).await? } else { Vec::new() };
        let events = if runs { vec![event] } else { Vec::new() };
        let along = KeyringAlong { events: &events, messages: &messages, kept: None, form: None };
        self.store.commit_heard(None, Some(&next), along).await
    }

    /// A bot that was asked to stop by itself and has not: its client and the admins are told.
    async fn stop(&self, client: ClientId, bot: BotId, now: Moment) -> Result<(), StoreError> {
        let wanted = KeyringWanted { client: Some(client), bot: Some(bot), ..KeyringWanted::default() };
        let facts = self.store.keyring_facts(&wanted).await?;
        let Some(bot) = &facts.bot else { return Ok(()) };
        if bot.overdue_told || bot.stop(facts.key(), now) != Stop::Overdue {
            return Ok(());
        }
        let next = Bot { overdue_told: true, version: bot.version.saturating_add(1), ..bot.clone() };
        let (events, messages) = self.overdue(facts.client.as_ref(), bot, now).await?;
        let along = KeyringAlong { events: &events, messages: &messages, kept: None, form: None };
        self.store.commit_heard(Some(&next), None, along).await
    }

    /// A key that ends, or that was revoked and whose bots have not all stopped in time.
    async fn key(&self, client: ClientId, now: Moment) -> Result<(), StoreError> {
        let wanted = KeyringWanted { client: Some(client), ..KeyringWanted::default() };
        let facts = self.store.keyring_facts(&wanted).await?;
        let Some(key) = facts.key().filter(|key| key.due_at().is_some_and(|due| due <= now)) else { return Ok(()) };
        match key.standing {
            KeyStanding::Active => self.ends(facts.client.as_ref(), key, now).await,
            KeyStanding::Revoked => self.after_revocation(facts.client.as_ref(), key, now).await,
        }
    }

    async fn ends(&self, client: Option<&Client>, key: &ClientKey, now: Moment) -> Result<(), StoreError> {
        let Some(days) = key.warning(now) else { return Ok(()) };
        let address = key.facts.address.clone();
        let notice = match days {
            0 => KeyNotice::Expired { address },
            days => KeyNotice::Expires { address, days },
        };
        let messages = self.told(client, &notice, true, now).await?;
        let event = KeyEvent {
            key_version: Some(key.facts.version),
            detail: Some(if days == 0 { "it has ended".to_owned() } else { format!("{days} days left") }),
            ..event(key.client_id, BY, KeyHappening::KeyExpiry, None, now)
        };
        let next = ClientKey { warned_days: Some(days), ..key.clone() };
        let along = KeyringAlong { events: &[event], messages: &messages, kept: None, form: None };
        self.store.commit_key_told(key, &next, along).await
    }

    async fn after_revocation(&self, client: Option<&Client>, key: &ClientKey, now: Moment) -> Result<(), StoreError> {
        for bot in self.store.bots_of(key.client_id).await? {
            if bot.overdue_told || bot.stop(Some(key), now) != Stop::Overdue {
                continue;
            }
            let next = Bot { overdue_told: true, version: bot.version.saturating_add(1), ..bot.clone() };
            let (events, messages) = self.overdue(client, &bot, now).await?;
            let along = KeyringAlong { events: &events, messages: &messages, kept: None, form: None };
            self.store.commit_heard(Some(&next), None, along).await?;
        }
        let next = ClientKey { overdue_told: true, ..key.clone() };
        self.store.commit_key_told(key, &next, KeyringAlong::default()).await
    }

    /// The log's line is what the alarm looks for.
    async fn overdue(
        &self,
        client: Option<&Client>,
        bot: &Bot,
        now: Moment,
    ) -> Result<(Vec<KeyEvent>, Vec<OutMessage>), StoreError> {
        tracing::error!(bot = bot.id.get(), client = bot.client_id.get(), "a bot has not stopped in time");
        let notice = KeyNotice::StopOverdue { bot: bot.name.clone() };
        let messages = self.told(client, &notice, true, now).await?;
        Ok((vec![event(bot.client_id, BY, KeyHappening::StopOverdue, Some(bot.id), now)], messages))
    }

    async fn told(
        &self,
        client: Option<&Client>,
        notice: &KeyNotice,
        admins: bool,
        now: Moment,
    ) -> Result<Vec<OutMessage>, StoreError> {
        telling::messages(&self.store, client, notice, admins, now).await
    }
}
