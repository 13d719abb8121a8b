//! What the bot says: one function per sentence or message, in every language side by side, so that none is forgotten.
//!
//! A function that answers [`Text`] has escaped what it was given and may hold markup; one that answers a `String` or a
//! `&str` is plain: for buttons, for answers to presses, and for `Text::plain`.

pub mod alerts;
pub mod approvals;
pub mod binding;
pub mod bots;
pub mod commands;
mod escape;
pub mod families;
mod fitting;
pub mod general;
pub mod key_forms;
pub mod keys;
mod language;
pub mod linked_accounts;
pub mod movements;
pub mod paying;
pub mod pending;
pub mod plans;
mod plural;
pub mod reports;
pub mod revoke_all;
pub mod sessions;
pub mod signing;
mod times;

pub use escape::escape;
pub use language::Language;
pub use plural::{Forms, counted};
pub use times::{date, date_time, duration};

use super::Text;
