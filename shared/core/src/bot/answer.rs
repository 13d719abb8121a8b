//! What a handler of the bot answers, and why it may not have done anything.

use crate::{Refusal, messaging::BotCall};

/// What goes back to Telegram in the response body: it costs no call, and its result is told to nobody.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing is said.
    Nothing,
    /// A call in the chat that the update came from.
    Say(BotCall),
    /// The press is answered: plain text of at most 200 characters, as a note or as a window to be closed.
    Pressed {
        /// What is said; empty says nothing and only stops the button's clock.
        text: String,
        /// A window rather than a note.
        is_alert: bool,
    },
}

/// Why a handler has not done anything. With `?` a [`Refusal`] and a store's error turn into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// The update was handled before, or is at this moment: nothing is said.
    Repeated,
    /// The person's record, or the conversation, changed since it was read: the facts are read again and the handler runs again.
    Changed,
    /// It failed or is refused. Nothing was written. From 500 up, and for 409 and 429, Telegram sends the update again; else
    /// the person is told.
    Refused(Refusal),
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl NotDone {
    /// Whether trying again may help: Telegram is answered with an error, and sends the update again.
    #[must_use]
    pub fn is_passing(refusal: &Refusal) -> bool {
        let status = refusal.kind.status();
        status >= 500 || matches!(status, 409 | 429)
    }
}
