//! What a delivery is made of: where to, in which turn, how often, and how it went.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Semaphore, oneshot};

/// Updates of one lane go out one after another; those of different lanes at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::telegram) enum Lane {
    /// Messages of a chat.
    Chat(i64),
    /// A person's presses.
    Presses(i64),
}

/// Where updates are sent.
#[derive(Clone)]
pub(in crate::telegram) struct Webhook {
    pub(in crate::telegram) url: String,
    pub(in crate::telegram) secret: Option<String>,
    pub(in crate::telegram) max_connections: u16,
    pub(in crate::telegram) permits: Arc<Semaphore>,
}

/// How often an update is sent before it is given up. (Telegram tries for a day; here it is quick.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retries {
    /// How often in all, at least once.
    pub tries: u32,
    /// The wait before the second try, doubled each time.
    pub first_delay_ms: u64,
    /// The longest wait; a `Retry-After` of the webhook is obeyed up to it.
    pub most_delay_ms: u64,
    /// How long the webhook may take to answer.
    pub timeout_ms: u64,
}

impl Default for Retries {
    fn default() -> Self {
        Self { tries: 6, first_delay_ms: 100, most_delay_ms: 2_000, timeout_ms: 60_000 }
    }
}

/// How the first delivery of an update went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::telegram) struct Told {
    pub(in crate::telegram) status: Option<u16>,
    pub(in crate::telegram) error: Option<String>,
}

/// An update that has just been made.
pub(in crate::telegram) struct Queued {
    pub(in crate::telegram) id: i64,
    /// Tells how its first delivery went; ends without a word where there is no webhook.
    pub(in crate::telegram) first: oneshot::Receiver<Told>,
}

/// An update to be sent now.
pub(in crate::telegram) struct Job {
    pub(in crate::telegram) id: i64,
    pub(in crate::telegram) update: Value,
    pub(in crate::telegram) tries: u32,
    pub(in crate::telegram) webhook: Webhook,
    pub(in crate::telegram) retries: Retries,
}
