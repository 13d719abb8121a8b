//! What people are told of keys and bots in Telegram.

use crate::Moment;

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyNotice {
    /// A key was entered.
    Entered {
        /// Its address.
        address: String,
    },
    /// A newer key took the place of the one before.
    Rotated {
        /// The new address.
        address: String,
        /// When it ends; none: not by date.
        ends_at: Option<Moment>,
    },
    /// The key has another end than before.
    NewEnd {
        /// Its address.
        address: String,
        /// When it ends.
        ends_at: Moment,
    },
    /// The key was revoked and so many bots are stopped.
    Revoked {
        /// Its address.
        address: String,
        /// How many bots were running.
        bots: usize,
    },
    /// The key ends in so many days.
    Expires {
        /// Its address.
        address: String,
        /// How many days.
        days: u32,
    },
    /// The key has ended.
    Expired {
        /// Its address.
        address: String,
    },
    /// A bot's heartbeat is late.
    HeartbeatLate {
        /// The bot's name.
        bot: String,
        /// Since how many minutes nothing was heard.
        minutes: i64,
    },
    /// A bot is heard again.
    HeartbeatBack {
        /// The bot's name.
        bot: String,
    },
    /// A bot did not stop in time.
    StopOverdue {
        /// The bot's name.
        bot: String,
    },
    /// A bot that was told of as not stopped in time has stopped.
    Stopped {
        /// The bot's name.
        bot: String,
    },
    /// Keys cannot be opened: KMS does not answer.
    KmsUnhealthy,
    /// Keys can be opened again.
    KmsHealthy,
    /// Every client's key was revoked.
    AllRevoked {
        /// How many keys.
        keys: usize,
        /// How many bots were running.
        bots: usize,
    },
    /// The same, but for clients whose keys could not be revoked yet.
    AllRevokedBut {
        /// How many keys.
        keys: usize,
        /// How many bots were running.
        bots: usize,
        /// How many clients.
        left: usize,
    },
}
