//! How a running bot is: its heartbeats, and what changed with the last one.

use serde::{Deserialize, Serialize};

use crate::{BotId, ClientId, Moment, limits};

/// What is known of a bot's heartbeats; written with each, so beside the bot's own record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Whose bot.
    pub client_id: ClientId,
    /// Which bot.
    pub bot_id: BotId,
    /// When the last one came; none: there was none since the bot was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Moment>,
    /// Since when it is waited for: the last one, or the start.
    pub since: Moment,
    /// What the runner said of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The bot's people were told that it is late.
    #[serde(default)]
    pub late_told: bool,
    /// Somebody waits for the next one: not while the bot is stopped.
    pub awaited: bool,
    /// One more with each write.
    pub version: u64,
}

impl Heartbeat {
    /// The state once the bot was started.
    #[must_use]
    pub fn awaited(client_id: ClientId, bot_id: BotId, before: Option<&Self>, now: Moment) -> Self {
        let version = before.map_or(1, |before| before.version.saturating_add(1));
        Self { client_id, bot_id, last_at: None, since: now, detail: None, late_told: false, awaited: true, version }
    }

    /// The state once a heartbeat came; `goes_on`: the bot is not to stop.
    #[must_use]
    pub fn came(&self, detail: Option<String>, goes_on: bool, now: Moment) -> Self {
        Self {
            last_at: Some(now),
            since: now,
            detail,
            late_told: false,
            awaited: goes_on,
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// From when on it is late; none where nobody waits, or where that was told.
    #[must_use]
    pub fn due_at(&self) -> Option<Moment> {
        (self.awaited && !self.late_told).then(|| self.since.plus_seconds(limits::HEARTBEAT_LATE_SECONDS))
    }

    /// Whether it is late now.
    #[must_use]
    pub fn is_late(&self, now: Moment) -> bool {
        self.awaited && self.since.plus_seconds(limits::HEARTBEAT_LATE_SECONDS) <= now
    }
}
