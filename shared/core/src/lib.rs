//! Decides: who calls, what they may do, what follows. Pure: no clock, no randomness, no network, no AWS type.

pub mod approval;
pub mod binding;
pub mod bot;
pub mod chat;
pub mod connection;
pub mod gate;
pub mod idempotency;
pub mod ids;
pub mod limits;
pub mod login;
pub mod messaging;
pub mod moment;
pub mod person;
pub mod policy;
pub mod refusal;
pub mod registry;
pub mod sealed;
pub mod secret;
pub mod services;
pub mod signing;

pub use chat::ChatId;
pub use ids::{
    ApprovalId, ConnectionId, DeliveryId, LoginId, OutId, ServiceId, SessionId, SignatureId, TaskId, TelegramId,
    UpdateId, UserId,
};
pub use moment::Moment;
pub use person::{Person, Profile, Subject};
pub use refusal::{Refusal, RefusalKind};
pub use sealed::{Purpose, SealContext, Sealed};
pub use secret::Secret;
