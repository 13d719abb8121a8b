//! Limits of clients, their keys, their bots and the runners of these.

use super::DAY_SECONDS;

/// The longest name of a client or a bot, in characters.
pub const BOT_NAME_CHARS: usize = 64;
/// The most wallets of a bot.
pub const BOT_WALLETS: usize = 50;
/// The most bots of a client.
pub const CLIENT_BOTS: usize = 100;
/// The largest configuration of a bot, in bytes of JSON.
pub const BOT_CONFIG_BYTES: usize = 16 * 1024;
/// The longest a key may be good, in seconds.
pub const KEY_LIFE_SECONDS: i64 = 3650 * DAY_SECONDS;
/// How many days before a key's end its people are warned, and 0: that it has ended.
pub const KEY_WARNING_DAYS: [u32; 4] = [30, 7, 1, 0];
/// How long a bot may take to acknowledge a stop, in seconds: then it is overdue.
pub const BOT_STOP_SECONDS: i64 = 120;
/// How often a runner sends a heartbeat, in seconds.
pub const HEARTBEAT_SECONDS: i64 = 30;
/// After how long without one a running bot is late, in seconds.
pub const HEARTBEAT_LATE_SECONDS: i64 = 120;
/// The longest text that a runner says of itself in a heartbeat, in characters.
pub const HEARTBEAT_DETAIL_CHARS: usize = 200;
/// How long a runner token is good where nothing is said, in seconds.
pub const RUNNER_TOKEN_SECONDS: i64 = 24 * 3600;
/// The longest a runner token may be good, in seconds.
pub const RUNNER_TOKEN_SECONDS_MOST: i64 = 90 * DAY_SECONDS;
/// The most live runner tokens of a bot.
pub const RUNNER_TOKENS: usize = 10;
/// How many kinds of operations, or called programs, are kept of a transaction that was signed.
pub const PURPOSE_ITEMS: usize = 16;
/// How many signatures a bot may have in any hour where nothing is set.
pub const BOT_SIGNATURES_PER_HOUR: u32 = 1000;
/// The most that may be set.
pub const BOT_SIGNATURES_PER_HOUR_MOST: u32 = 100_000;
/// The longest transaction that a runner sends, in characters.
pub const TRANSACTION_CHARS: usize = 200_000;
/// How long a one-time form for a key is good, in seconds.
pub const KEY_FORM_SECONDS: i64 = 600;
/// How often something may be sent with one form.
pub const KEY_FORM_TRIES: u32 = 5;
/// How long uses of a key and what happened to a bot are kept, in seconds.
pub const KEY_USES_KEPT_SECONDS: i64 = 400 * DAY_SECONDS;
/// How many admins are told in Telegram.
pub const ADMINS_TOLD: usize = 10;
/// How many lines of the directory of admins are read at most.
pub const ADMINS_READ: usize = 500;
/// How many due bots and keys the monitor reads at once.
pub const MONITOR_ITEMS: i32 = 200;
/// After how many seconds the monitor looks again at what it could not do. Not a whole minute: so every second run does.
pub const MONITOR_RETRY_SECONDS: i64 = 90;
/// How long an approval to revoke all keys is open, in seconds.
pub const REVOKE_ALL_OPEN_SECONDS: i64 = 3600;
/// The most characters of the reason to revoke all keys.
pub const REVOKE_REASON_CHARS: usize = 300;
/// Clients whose keys are revoked before it is written down how far it is.
pub const REVOKE_ALL_PAGE: u32 = 25;
/// The most clients that are kept as left over of that; beyond them the directory is walked again.
pub const REVOKE_ALL_LEFT: usize = 1000;
/// The most rows of clients that one import request carries.
pub const CLIENT_IMPORT_ROWS: usize = 25;
/// The most bots that one of them has.
pub const IMPORTED_BOTS: usize = 10;
