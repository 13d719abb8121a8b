//! How all bots and keys are, looked at once a minute: heartbeats that are late, keys that end, stops that are overdue, KMS. Each is
//! told once, and once when it is well again.

use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use countersign_core::{
    BotId, ClientId, Moment, Purpose, Refusal,
    keyring::{Bot, BotStatus, Client, ClientKey, KeyEvent, KeyHappening, KeyNotice, KmsHealth, Stop},
    limits,
    messaging::OutMessage,
};
use countersign_edge::{Environment, clock, start::Error};
use countersign_store::{DueKeyring, DueLine, KeyringAlong, KeyringFacts, KeyringWanted, Store, StoreError};
use countersign_vault::Vault;

use crate::{entry::event, revoke_all, state, telling};

/// How long a run goes on with what is due, counted from its beginning; the next minute's begins with what is left. The function has
/// a minute.
const RUN: Duration = Duration::from_secs(30);

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
/// Where anything could not be done: everything else was, and the run ends in an error because that is what the alarm sees.
pub async fn run(monitor: &Monitor) -> Result<Ran, Refusal> {
    run_at(monitor, clock::now()).await
}

/// Looks at what is due at this moment.
///
/// # Errors
/// As [`run`].
pub async fn run_at(monitor: &Monitor, now: Moment) -> Result<Ran, Refusal> {
    // KMS comes last: neither an emergency nor a stop that is overdue waits for it.
    let ran = due_at(monitor, now).await;
    monitor.look_at_kms(now).await.inspect_err(|refusal| tracing::error!(%refusal, "KMS was not looked at"))?;
    ran
}

/// The same without a look at KMS.
///
/// # Errors
/// As [`run`].
pub async fn due_at(monitor: &Monitor, now: Moment) -> Result<Ran, Refusal> {
    let begun = Instant::now();
    // An emergency goes before everything else, and nothing else waits for it where it fails.
    let emergency = revoke_all::go_on(&monitor.store, now).await;
    if let Err(refusal) = &emergency {
        // The alarm looks for this line.
        tracing::error!(%refusal, "all keys are to be revoked, and not all of them are");
    }
    let ran = monitor.due(begun, now).await?;
    if ran.due > 0 {
        tracing::info!(due = ran.due, failed = ran.failed, "keys and bots looked at");
    }
    emergency?;
    match ran.failed {
        0 => Ok(ran),
        failed => {
            Err(Refusal::internal(format!("{failed} of {} that were due of keys and bots were not done", ran.due)))
        }
    }
}

/// What came of something that seemed to be due.
enum Looked {
    /// It was done.
    Done,
    /// It is not due, but at this moment or never: the line of the index is of before, or of a record that nobody needs any more.
    NotDue(Option<Moment>),
}

impl Monitor {
    /// Goes through the index, those first that have waited longest, as long as a run has time.
    async fn due(&self, begun: Instant, now: Moment) -> Result<Ran, StoreError> {
        let (mut ran, mut from) = (Ran::default(), None);
        loop {
            let page = self.store.due_keyring(now, limits::MONITOR_ITEMS, from).await?;
            for line in &page.lines {
                ran.due += 1;
                if !self.done(line, now).await {
                    ran.failed += 1;
                }
                if begun.elapsed() > RUN {
                    return Ok(ran);
                }
            }
            match page.next {
                Some(next) => from = Some(next),
                None => return Ok(ran),
            }
        }
    }

    /// Does what one line asks for. What fails is put off, so that it does not come before all others again and again.
    async fn done(&self, line: &DueLine, now: Moment) -> bool {
        let looked = match line.what {
            Some(DueKeyring::Heartbeat(client, bot)) => self.heartbeat(client, bot, now).await,
            Some(DueKeyring::Key(client)) => self.key(client, now).await,
            Some(DueKeyring::Stop(client, bot)) => self.stop(client, bot, now).await,
            None => Err(StoreError::Unreadable("a line of the index that this version does not know".into())),
        };
        let moved = match looked {
            // Somebody was faster: the next run looks again.
            Ok(Looked::Done) | Err(StoreError::Condition(_)) => return true,
            Ok(Looked::NotDue(at)) => self.store.move_due(line, at).await,
            Err(error) => {
                tracing::error!(%error, what = ?line.what, "what was due of keys and bots was not done");
                let later = now.plus_seconds(limits::MONITOR_RETRY_SECONDS);
                self.store.move_due(line, Some(later)).await.and(Err(error))
            }
        };
        moved.is_ok()
    }

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

    async fn facts(&self, client: ClientId, bot: Option<BotId>) -> Result<KeyringFacts, StoreError> {
        let without_revoke_all = true;
        let wanted = KeyringWanted { client: Some(client), bot, without_revoke_all, ..KeyringWanted::default() };
        self.store.keyring_facts(&wanted).await
    }

    /// A heartbeat that is late: its client is told.
    async fn heartbeat(&self, client: ClientId, bot: BotId, now: Moment) -> Result<Looked, StoreError> {
        let facts = self.facts(client, Some(bot)).await?;
        let (Some(bot), Some(before)) = (&facts.bot, &facts.heartbeat) else { return Ok(Looked::NotDue(None)) };
        if before.due_at().is_none_or(|due| due > now) {
            return Ok(Looked::NotDue(before.due_at()));
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
        self.store.commit_heard(None, Some(&next), along).await.map(|()| Looked::Done)
    }

    /// A bot that was asked to stop by itself and has not: its client and the admins are told.
    async fn stop(&self, client: ClientId, bot: BotId, now: Moment) -> Result<Looked, StoreError> {
        let facts = self.facts(client, Some(bot)).await?;
        let Some(bot) = &facts.bot else { return Ok(Looked::NotDue(None)) };
        if bot.overdue_told || bot.stop(facts.key(), now) != Stop::Overdue {
            return Ok(Looked::NotDue(bot.due_at()));
        }
        self.overdue(facts.client.as_ref(), bot, now).await.map(|()| Looked::Done)
    }

    /// A key that ends, and bots that have not all stopped in time after this one or one before it was revoked: both may be due.
    async fn key(&self, client: ClientId, now: Moment) -> Result<Looked, StoreError> {
        let facts = self.facts(client, None).await?;
        let Some(key) = facts.key() else { return Ok(Looked::NotDue(None)) };
        if key.due_at().is_none_or(|due| due > now) {
            return Ok(Looked::NotDue(key.due_at()));
        }
        let (client, is_due) = (facts.client.as_ref(), key.stops_due_at().is_some_and(|due| due <= now));
        let stops = if is_due { self.after_revocation(client, key, now).await } else { Ok(()) };
        let key = ClientKey { overdue_told: key.overdue_told || (is_due && stops.is_ok()), ..key.clone() };
        self.ends(client, &key, now).await?;
        stops.map(|()| Looked::Done)
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

    /// Each bot by itself: one that cannot be read or written hides no other, and is looked at again.
    async fn after_revocation(&self, client: Option<&Client>, key: &ClientKey, now: Moment) -> Result<(), StoreError> {
        let found = self.store.found_bots_of(key.client_id).await?;
        let unread = || StoreError::Unreadable(format!("bots of client {}: {:?}", key.client_id, found.unreadable));
        let mut looked = if found.unreadable.is_empty() { Ok(()) } else { Err(unread()) };
        for bot in found.bots.iter().filter(|bot| !bot.overdue_told && bot.stop(Some(key), now) == Stop::Overdue) {
            let told = self.overdue(client, bot, now).await;
            looked = looked.and(told);
        }
        looked?;
        let next = ClientKey { overdue_told: true, ..key.clone() };
        self.store.commit_key_told(key, &next, KeyringAlong::default()).await
    }

    /// The log's line is what the alarm looks for.
    async fn overdue(&self, client: Option<&Client>, bot: &Bot, now: Moment) -> Result<(), StoreError> {
        tracing::error!(bot = bot.id.get(), client = bot.client_id.get(), "a bot has not stopped in time");
        let next = Bot { overdue_told: true, version: bot.version.saturating_add(1), ..bot.clone() };
        let notice = KeyNotice::StopOverdue { bot: bot.name.clone() };
        let messages = self.told(client, &notice, true, now).await?;
        let event = event(bot.client_id, BY, KeyHappening::StopOverdue, Some(bot.id), now);
        let along = KeyringAlong { events: &[event], messages: &messages, kept: None, form: None };
        self.store.commit_heard(Some(&next), None, along).await
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
