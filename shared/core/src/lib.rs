//! Decides: who calls, what they may do, what follows. Pure: no clock, no randomness, no network, no AWS type.

pub mod gate;
pub mod idempotency;
pub mod ids;
pub mod limits;
pub mod moment;
pub mod person;
pub mod policy;
pub mod refusal;
pub mod registry;
pub mod sealed;
pub mod secret;
pub mod signing;

pub use ids::{ServiceId, SessionId, SignatureId, TelegramId, UserId};
pub use moment::Moment;
pub use person::{Person, Subject};
pub use refusal::{Refusal, RefusalKind};
pub use sealed::{Purpose, SealContext, Sealed};
pub use secret::Secret;
