//! Types of bots: data of infra/bot_types.yaml, read when a build starts.

use super::Chain;

/// A type of bots.
#[derive(Clone, Copy, Debug)]
pub struct BotType {
    /// Its key in the file.
    pub key: &'static str,
    /// What people read.
    pub name: &'static str,
    /// Chains whose keys it trades with.
    pub chains: &'static [Chain],
    /// JSON schema of its bots' configuration, as JSON text.
    pub config_schema: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/bot_types.rs"));

/// All of them, in the order of their keys.
#[must_use]
pub fn bot_types() -> &'static [BotType] {
    BOT_TYPES
}

/// The type of this key.
#[must_use]
pub fn bot_type(key: &str) -> Option<&'static BotType> {
    BOT_TYPES.iter().find(|bot_type| bot_type.key == key)
}
