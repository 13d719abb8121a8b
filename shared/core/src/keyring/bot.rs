//! A client's bot: what it is, whether it may run, and how far its stop is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BotType, Chain, ClientKey, KeyStanding, bot_type};
use crate::{BotId, BotWalletId, ClientId, Moment, Refusal, limits};

/// What somebody wants of a bot. A revoked key stops it whatever stands here: [`Bot::status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotStanding {
    /// Made, and never started.
    Created,
    /// Started.
    Running,
    /// Its runner was asked to stop.
    Stopping,
    /// Stopped.
    Stopped,
}

/// How a bot is, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotStatus {
    /// Made, and never started.
    Created,
    /// Its runner may sign.
    Running,
    /// Its runner may not sign any more and has not said that it stopped.
    Stopping,
    /// It does not run.
    Stopped,
}

impl BotStatus {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }
}

/// How far the stop of a bot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Its runner was asked.
    Requested,
    /// Its runner has said so, or there is nothing that runs.
    Acknowledged,
    /// Its runner has not said so in time.
    Overdue,
}

impl Stop {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Acknowledged => "acknowledged",
            Self::Overdue => "overdue",
        }
    }
}

/// A wallet of a bot. It has no key of its own: its address is that of the client's current key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotWallet {
    /// Its id.
    pub id: BotWalletId,
    /// When it was made.
    pub made_at: Moment,
}

/// How much a bot may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotLimits {
    /// Signatures in any hour.
    pub signatures_per_hour: u32,
    /// What may leave the key's account in any hour, in the chain's smallest unit (stroops, lamports, wei), as far as it can be
    /// read; what cannot be read is refused then. None: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal")]
    pub amount_per_hour: Option<u128>,
    /// The chain whose unit that is: on another one the number means nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_chain: Option<Chain>,
}

impl Default for BotLimits {
    fn default() -> Self {
        Self { signatures_per_hour: limits::BOT_SIGNATURES_PER_HOUR, amount_per_hour: None, amount_chain: None }
    }
}

/// That a key of this chain is one that a bot of this type and with these limits signs with.
fn fits(limits: BotLimits, kind: Option<&BotType>, chain: Chain) -> Result<(), Refusal> {
    if let Some(kind) = kind.filter(|kind| !kind.chains.contains(&chain)) {
        return Err(Refusal::conflict(format!("Bots of type {} do not trade on {}", kind.key, chain.as_str())));
    }
    match limits.amount_chain.filter(|_| limits.amount_per_hour.is_some()) {
        Some(other) if other != chain => Err(Refusal::conflict(format!(
            "The bot's amount limit is in the unit of {}, and the client's key is of {}; set its limits anew",
            other.as_str(),
            chain.as_str(),
        ))),
        _ => Ok(()),
    }
}

/// A bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bot {
    /// Its id.
    pub id: BotId,
    /// Whose.
    pub client_id: ClientId,
    /// Its name.
    #[serde(rename = "bot_name")]
    pub name: String,
    /// Its type, a key of infra/bot_types.yaml.
    pub bot_type: String,
    /// Its configuration, of the type's form, as JSON text: the table knows no numbers like 1e400.
    pub config_json: String,
    /// Its wallets.
    pub wallets: Vec<BotWallet>,
    /// How much it may sign.
    pub bot_limits: BotLimits,
    /// What somebody wants of it.
    pub standing: BotStanding,
    /// [`ClientKey::epoch`] when it was started: a key revoked since stops it.
    pub epoch: u32,
    /// When it was made.
    pub created_at: Moment,
    /// By whom.
    pub created_by: String,
    /// When it was started last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Moment>,
    /// When it was asked to stop; a revocation says that by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_asked_at: Option<Moment>,
    /// When its runner said that it stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Moment>,
    /// That its stop is overdue was told.
    #[serde(default)]
    pub overdue_told: bool,
    /// One more with each change: a write is conditional on it.
    pub version: u32,
}

impl Bot {
    /// From when on its stop is overdue, where it was asked to stop by itself and that was not told yet. (A revocation's are
    /// found by the key.)
    #[must_use]
    pub fn due_at(&self) -> Option<Moment> {
        let waits = self.standing == BotStanding::Stopping && !self.overdue_told;
        self.stop_asked_at.filter(|_| waits).map(|asked| asked.plus_seconds(limits::BOT_STOP_SECONDS))
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> Value {
        serde_json::from_str(&self.config_json).unwrap_or_default()
    }

    /// Whether its key was revoked since it was started.
    fn was_cut_off(&self, key: Option<&ClientKey>) -> bool {
        key.is_none_or(|key| key.standing == KeyStanding::Revoked || key.epoch != self.epoch)
    }

    /// How it is, with its client's key.
    #[must_use]
    pub fn status(&self, key: Option<&ClientKey>) -> BotStatus {
        match self.standing {
            BotStanding::Created => BotStatus::Created,
            BotStanding::Running if self.was_cut_off(key) => BotStatus::Stopping,
            BotStanding::Running => BotStatus::Running,
            BotStanding::Stopping => BotStatus::Stopping,
            BotStanding::Stopped => BotStatus::Stopped,
        }
    }

    /// Since when it is asked to stop, where it has not.
    #[must_use]
    pub fn stop_asked_at(&self, key: Option<&ClientKey>) -> Option<Moment> {
        match self.status(key) {
            BotStatus::Stopping if self.standing == BotStanding::Stopping => self.stop_asked_at,
            BotStatus::Stopping => key.and_then(ClientKey::cut_off_at).or(self.stop_asked_at),
            BotStatus::Created | BotStatus::Running | BotStatus::Stopped => None,
        }
    }

    /// How far its stop is.
    #[must_use]
    pub fn stop(&self, key: Option<&ClientKey>, now: Moment) -> Stop {
        if self.status(key) != BotStatus::Stopping {
            return Stop::Acknowledged;
        }
        let late = |asked: Moment| asked.plus_seconds(limits::BOT_STOP_SECONDS) <= now;
        if self.stop_asked_at(key).is_some_and(late) { Stop::Overdue } else { Stop::Requested }
    }

    /// That its client's key is of a chain on which it trades, and of the one whose unit its amount limit has.
    ///
    /// # Errors
    /// 409 where it is not.
    pub fn fits(&self, key: &ClientKey) -> Result<(), Refusal> {
        fits(self.bot_limits, bot_type(&self.bot_type), key.facts.chain)
    }

    /// The bot once it is started.
    ///
    /// # Errors
    /// 409 where it runs, where its stop is not acknowledged, or where its client has no key that is good for it.
    pub fn started(&self, key: Option<&ClientKey>, now: Moment) -> Result<Self, Refusal> {
        let key = key.ok_or_else(|| Refusal::conflict("The client has no key"))?;
        key.usable(now)?;
        self.fits(key)?;
        match self.status(Some(key)) {
            BotStatus::Running => Err(Refusal::conflict("The bot is running")),
            BotStatus::Stopping => Err(Refusal::conflict("The bot is still stopping; start it once it has stopped")),
            BotStatus::Created | BotStatus::Stopped => Ok(Self {
                standing: BotStanding::Running,
                epoch: key.epoch,
                started_at: Some(now),
                stop_asked_at: None,
                stopped_at: None,
                overdue_told: false,
                version: self.version.saturating_add(1),
                ..self.clone()
            }),
        }
    }

    /// The bot once it is asked to stop; none where it is, or does not run.
    #[must_use]
    pub fn asked_to_stop(&self, key: Option<&ClientKey>, now: Moment) -> Option<Self> {
        (self.status(key) == BotStatus::Running).then(|| Self {
            standing: BotStanding::Stopping,
            stop_asked_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }

    /// The bot once its runner has heard that it is to stop; none where it is not.
    #[must_use]
    pub fn acknowledged(&self, key: Option<&ClientKey>, now: Moment) -> Option<Self> {
        (self.status(key) == BotStatus::Stopping).then(|| Self {
            standing: BotStanding::Stopped,
            stopped_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }
}

/// Amounts beyond 2^64 are decimal text.
mod decimal {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[allow(clippy::ref_option, reason = "serde hands it in so")]
    pub(super) fn serialize<S: Serializer>(amount: &Option<u128>, serializer: S) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => serializer.serialize_str(&amount.to_string()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u128>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(|_| D::Error::custom("not an amount"))).transpose()
    }
}
