//! Keys of clients, their trading keys, their bots and the runners of these.

use countersign_core::{BotId, ClientId, KeyEventId, KeyUseId, RunnerTokenId, UserId};

use super::Key;

/// The partition of the index `pending` that holds keys, heartbeats and stops, each at the moment when something is due.
pub(crate) const PENDING_KEYRING: &str = "KEYRING";

/// Everything of a client.
pub(crate) fn partition(client: ClientId) -> String {
    format!("{CLIENT_PREFIX}{client}")
}

const CLIENT_PREFIX: &str = "CLIENT#";

/// Takes [`partition`] apart.
pub(crate) fn client_of(pk: &str) -> Option<ClientId> {
    pk.strip_prefix(CLIENT_PREFIX)?.parse().ok()
}

pub(crate) fn client(id: ClientId) -> Key {
    Key::new(partition(id), "CLIENT")
}

/// The client's one current key: every bot refers to it.
pub(crate) fn key(id: ClientId) -> Key {
    Key::new(partition(id), "KEY")
}

/// A key that is staged and not yet the current one.
pub(crate) fn staged(id: ClientId) -> Key {
    Key::new(partition(id), "STAGED")
}

pub(crate) const VERSION_PREFIX: &str = "KEYVERSION#";

pub(crate) fn version(id: ClientId, version: u32) -> Key {
    Key::new(partition(id), format!("{VERSION_PREFIX}{version:08}"))
}

pub(crate) const BOT_PREFIX: &str = "BOT#";

pub(crate) fn bot(client: ClientId, id: BotId) -> Key {
    Key::new(partition(client), format!("{BOT_PREFIX}{:016}", id.get()))
}

/// Takes the sort key of [`bot`] apart.
pub(crate) fn bot_of(sk: &str) -> Option<BotId> {
    sk.strip_prefix(BOT_PREFIX)?.trim_start_matches('0').parse().ok()
}

pub(crate) const HEARTBEAT_PREFIX: &str = "HEARTBEAT#";

/// Written with each heartbeat, so beside the bot's own record.
pub(crate) fn heartbeat(client: ClientId, id: BotId) -> Key {
    Key::new(partition(client), format!("{HEARTBEAT_PREFIX}{:016}", id.get()))
}

/// What a bot has signed within the hour.
pub(crate) fn spent(client: ClientId, id: BotId) -> Key {
    Key::new(partition(client), format!("SIGNED#{:016}", id.get()))
}

/// The runner tokens of a bot.
pub(crate) fn runner_prefix(id: BotId) -> String {
    format!("RUNNER#{:016}#", id.get())
}

pub(crate) fn runner(client: ClientId, bot: BotId, token: RunnerTokenId) -> Key {
    Key::new(partition(client), format!("{}{:016}", runner_prefix(bot), token.get()))
}

pub(crate) const USE_PREFIX: &str = "KEYUSE#";

pub(crate) fn key_use(client: ClientId, id: KeyUseId) -> Key {
    Key::new(partition(client), format!("{USE_PREFIX}{:016}", id.get()))
}

pub(crate) const EVENT_PREFIX: &str = "KEYEVENT#";

pub(crate) fn event(client: ClientId, id: KeyEventId) -> Key {
    Key::new(partition(client), format!("{EVENT_PREFIX}{:016}", id.get()))
}

/// Takes the sort key of [`event`] apart.
pub(crate) fn event_of(sk: &str) -> Option<KeyEventId> {
    sk.strip_prefix(EVENT_PREFIX)?.trim_start_matches('0').parse().ok()
}

/// The log of one bot.
pub(crate) fn bot_log_prefix(bot: BotId) -> String {
    format!("BOTLOG#{:016}#", bot.get())
}

pub(crate) fn bot_log(client: ClientId, bot: BotId, id: KeyEventId) -> Key {
    Key::new(partition(client), format!("{}{:016}", bot_log_prefix(bot), id.get()))
}

/// Whose a bot is, found by its id alone.
pub(crate) fn bot_owner(id: BotId) -> Key {
    Key::new(format!("BOT#{id}"), "OWNER")
}

/// The directory of clients.
pub(crate) const CLIENTS: &str = "CLIENTS";

pub(crate) fn client_entry(id: ClientId) -> Key {
    Key::new(CLIENTS, format!("{CLIENT_PREFIX}{:016}", id.get()))
}

/// Takes the sort key of [`client_entry`] apart.
pub(crate) fn client_of_entry(sk: &str) -> Option<ClientId> {
    sk.strip_prefix(CLIENT_PREFIX)?.trim_start_matches('0').parse().ok()
}

/// What a directory's entries begin with.
pub(crate) const CLIENT_ENTRY_PREFIX: &str = CLIENT_PREFIX;

/// The directory of bots.
pub(crate) const BOTS: &str = "BOTS";

pub(crate) fn bot_entry(id: BotId) -> Key {
    Key::new(BOTS, format!("{BOT_PREFIX}{:016}", id.get()))
}

/// Which client a person is: there is one.
pub(crate) fn client_of_person(user: UserId) -> Key {
    Key::new(format!("USER#{user}"), "CLIENT")
}

/// Whose a key is or was, by its keyed fingerprint (lower-case hex).
pub(crate) fn claim(fingerprint: &str) -> Key {
    Key::new(format!("KEYPRINT#{fingerprint}"), "OWNER")
}

/// A one-time form, by the hash of its code.
pub(crate) fn form(name: &str) -> Key {
    Key::new(format!("KEYFORM#{name}"), "FORM")
}

/// The directory of those who act for every client.
pub(crate) const ADMINS: &str = "ADMINS";
pub(crate) const ADMIN_PREFIX: &str = "USER#";

/// A line of it.
pub(crate) fn admin(user: UserId) -> Key {
    Key::new(ADMINS, format!("{ADMIN_PREFIX}{:016}", user.get()))
}

/// How KMS is, as the monitor saw it last.
pub(crate) fn kms() -> Key {
    Key::new("KEYRING", "KMS")
}

/// The last revocation of every client's key.
pub(crate) fn revoke_all() -> Key {
    Key::new("KEYRING", "REVOKEALL")
}
