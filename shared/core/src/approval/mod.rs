//! One engine for whatever people are asked to decide: services' questions, approvals, later signatures and payments.
//!
//! A [`Proposal`] never changes. Its [`State`] moves by version and is closed exactly once. Every person sees a [`Copy`]
//! whose buttons are bound to the chat, to the text that is shown and to a token that only that copy has. What follows
//! from a press, an answer in words or the hour is a [`Change`]: everything that one commit writes.

mod button;
mod change;
mod close;
mod due;
mod judge;
mod key_revocation;
mod mint;
mod moved;
mod movement;
mod opening;
mod proposal;
mod request;
mod shown;
mod spoken;
mod state;

pub use button::{ButtonData, Token, text_hash};
pub use change::{Change, SeenCopy, TaskEnd};
pub use close::{Elsewhere, close_elsewhere, outcome_word};
pub use due::{Fate, due, fate};
pub use judge::{Answering, Facts, Verdict, Voter, Why, judge};
pub use key_revocation::open_key_revocation;
pub use mint::Mint;
pub use moved::moved;
pub use movement::{AskedMovement, MovementQuestion, open_movement};
pub use opening::{Opening, open};
pub use proposal::{Asked, Asker, Copy, Escalation, Kind, Proposal};
pub use request::{Question, read_approval, read_ask};
pub use shown::{as_note, name_of, one_line};
pub use state::{Ending, Outcome, Sent, State, Status, Vote};

#[cfg(test)]
mod tests;
