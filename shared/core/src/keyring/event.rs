//! What happened to a client's key and to its bots, and every use of the key: written down with what it tells of.

use serde::{Deserialize, Serialize};

use super::{Chain, Purpose};
use crate::{BotId, ClientId, KeyEventId, KeyUseId, Moment, RunnerTokenId};

/// One use of a key: a signature that a bot's runner was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// Its id.
    pub id: KeyUseId,
    /// Whose key.
    pub client_id: ClientId,
    /// Which version of it.
    pub key_version: u32,
    /// Which chain.
    pub chain: Chain,
    /// Which bot.
    pub bot_id: BotId,
    /// By which credential.
    pub runner_token_id: RunnerTokenId,
    /// Hash of the transaction: hex for Stellar and EVM; for Solana the payer's signature in base58, where it is there and good, or
    /// ours.
    pub transaction_hash: String,
    /// What leaves the account, in the chain's smallest unit, as decimal text; none: it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// What else is read of it; none: a record from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// When.
    pub signed_at: Moment,
    /// The request.
    pub request_id: String,
}

/// What can happen. The wire's names are those of [`KeyHappening::as_str`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyHappening {
    /// A client's first key, or the first after a revocation.
    Entered,
    /// A newer key took the place of the one before.
    Rotated,
    /// The key was revoked.
    Revoked,
    /// A bot was made.
    BotCreated,
    /// A bot was given wallets.
    WalletsAdded,
    /// A bot was started.
    Started,
    /// A bot was asked to stop.
    StopRequested,
    /// A bot's runner has said that it stopped.
    StopAcknowledged,
    /// A bot's runner did not say so in time.
    StopOverdue,
    /// A bot's limits were changed.
    LimitsChanged,
    /// A runner token was given.
    RunnerTokenGiven,
    /// A runner token was taken back.
    RunnerTokenRevoked,
    /// A bot's heartbeat is late.
    HeartbeatLate,
    /// A bot's heartbeat came again.
    HeartbeatBack,
    /// The key ends soon, or has ended.
    KeyExpiry,
    /// The key was given another end.
    ExpiryChanged,
}

impl KeyHappening {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entered => "key_entered",
            Self::Rotated => "key_rotated",
            Self::Revoked => "key_revoked",
            Self::BotCreated => "bot_created",
            Self::WalletsAdded => "wallets_added",
            Self::Started => "started",
            Self::StopRequested => "stop_requested",
            Self::StopAcknowledged => "stop_acknowledged",
            Self::StopOverdue => "stop_overdue",
            Self::LimitsChanged => "limits_changed",
            Self::RunnerTokenGiven => "runner_token_given",
            Self::RunnerTokenRevoked => "runner_token_revoked",
            Self::HeartbeatLate => "heartbeat_late",
            Self::HeartbeatBack => "heartbeat_back",
            Self::KeyExpiry => "key_expiry",
            Self::ExpiryChanged => "key_expiry_changed",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEvent {
    /// Its id.
    pub id: KeyEventId,
    /// To whose key or bot.
    pub client_id: ClientId,
    /// To which bot; none: to the key, and so to all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<BotId>,
    /// What.
    pub what: KeyHappening,
    /// By whom: [`crate::gate::Caller::scope`], `r:<bot>:<runner token>`, or `monitor`.
    pub by: String,
    /// When.
    pub happened_at: Moment,
    /// Which version of the key it is about, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<u32>,
    /// What else is to be known, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Numbers what happens at once in its order, from the first one's id on: ids that are drawn within one millisecond may be the same,
/// and one commit cannot write two records of one id.
#[must_use]
pub fn at_once(mut events: Vec<KeyEvent>) -> Vec<KeyEvent> {
    let ids = events.first().map(|first| first.id.get()).into_iter().flat_map(|first| first..);
    for (event, id) in events.iter_mut().zip(ids) {
        event.id = KeyEventId::new(id).unwrap_or(event.id);
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_at_once_has_ids_in_its_order() {
        let (id, at) = (KeyEventId::new(7).unwrap(), Moment::from_seconds(1));
        let event = |what| KeyEvent {
            id,
            client_id: ClientId::new(1).unwrap(),
            bot_id: None,
            what,
            by: "u:1".into(),
            happened_at: at,
            key_version: None,
            detail: None,
        };
        let events =
            at_once([KeyHappening::BotCreated, KeyHappening::Started, KeyHappening::Entered].map(event).into());
        assert_eq!(events.iter().map(|event| event.id.get()).collect::<Vec<_>>(), [7, 8, 9]);
        assert_eq!(events[2].what, KeyHappening::Entered);
        assert!(at_once(Vec::new()).is_empty());
    }
}
