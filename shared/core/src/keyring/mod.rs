//! Clients, their trading keys, their bots and the runners of these: what may be done and what follows. Pure.

mod bot;
mod bot_types;
mod chain;
mod client;
mod event;
mod evm_address;
mod form;
mod health;
mod key;
mod kms_health;
mod notice;
mod purpose;
mod revoke_all;
mod runner;
mod spent;

pub use bot::{Bot, BotLimits, BotStanding, BotStatus, BotWallet, Stop};
pub use bot_types::{BotType, bot_type, bot_types};
pub use chain::Chain;
pub use client::{Client, ClientPermit, EveryClientPermit, RoleGrant, name, own_client, role_grant, unknown_client};
pub use event::{KeyEvent, KeyHappening, KeyUse, at_once};
pub use evm_address::EvmAddress;
pub use form::{FormPurpose, KeyForm, unknown_form};
pub use health::Heartbeat;
pub use key::{
    ClientKey, Entered, KeyClaim, KeyFacts, KeyStanding, KeyVersion, StagedKey, ends_at, entered, next_version,
    revoked, switched, taken,
};
pub use kms_health::KmsHealth;
pub use notice::KeyNotice;
pub use purpose::Purpose;
pub use revoke_all::{RevokeAll, Turns, not_revoked_with_all, revocation_reason};
pub use runner::{RunnerScope, RunnerToken, good_until, scopes};
pub use spent::{MinuteSpent, Spent, may_sign, reserve};

use crate::Refusal;

/// 404: the bot is not there, or another client's.
#[must_use]
pub fn unknown_bot() -> Refusal {
    Refusal::not_found("No such bot")
}
