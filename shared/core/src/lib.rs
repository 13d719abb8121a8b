//! Decides: who calls, what they may do, what follows. Pure: no clock, no randomness, no network, no AWS type.

pub mod gate;
pub mod ids;
pub mod limits;
pub mod moment;
pub mod refusal;
pub mod secret;

pub use ids::{ServiceId, SessionId, SignatureId, TelegramId, UserId};
pub use moment::Moment;
pub use refusal::{Refusal, RefusalKind};
pub use secret::Secret;
