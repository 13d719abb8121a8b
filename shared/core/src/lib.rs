//! Decides: who calls, what they may do, what follows. Pure: no clock, no randomness, no network, no AWS type.

pub mod access;
pub mod account;
pub mod approval;
pub mod binding;
pub mod bot;
pub mod budget;
pub mod chain;
pub mod chat;
pub mod connection;
pub mod day;
pub mod family;
pub mod gate;
pub mod goal;
pub mod idempotency;
pub mod ids;
pub mod keyring;
pub mod ledger;
pub mod limits;
pub mod login;
pub mod messaging;
pub mod moment;
pub mod money;
pub mod person;
pub mod planning;
pub mod policy;
pub mod recurring;
pub mod refusal;
pub mod registry;
pub mod report;
pub mod sealed;
pub mod secret;
pub mod services;
pub mod signing;

pub use chat::ChatId;
pub use ids::{
    ApprovalId, BotId, BotWalletId, CategoryId, ClientId, ConnectionId, DeliveryId, FamilyId, GoalId, InvitationId,
    KeyEventId, KeyFormId, KeyUseId, LoginId, MovementId, OutId, RecurringId, RunnerTokenId, ServiceId, SessionId,
    SignatureId, TaskId, TelegramId, UpdateId, UserId, WalletId,
};
pub use moment::Moment;
pub use person::{Person, Profile, Subject};
pub use refusal::{Refusal, RefusalKind};
pub use sealed::{Purpose, SealContext, Sealed};
pub use secret::Secret;
