//! Speaks the Bot API: makes its calls, sends them, and says what an answer means for a message.
//!
//! The methods' forms are teloxide-core's. Its sending is not used: it loses the status and `error_code` that tell a refusal
//! from a fault, sleeps 10 s after a 5xx, and reads results so strictly that a field new to Telegram makes a sent message
//! look unsent. docs/decisions/0009-bot-api-client.md

mod answer;
mod client;
mod failure;
mod registration;
mod request;

pub use answer::as_answer;
pub use client::{CALL_SECONDS, Telegram};
pub use failure::SendFailure;
pub use registration::CommandScope;
