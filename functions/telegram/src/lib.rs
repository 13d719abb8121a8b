//! The bot's door: Telegram's webhook, and what the bot does with an update.
//!
//! `webhook` lets Telegram in and answers it; `dispatch` finds the handler; `talk` is what a
//! handler is given, and how it says something. One file per command or kind of update.

mod answer;
mod answer_text;
mod bind;
mod blocked;
mod bots;
mod dispatch;
mod help;
mod language;
mod link;
mod menus;
mod money;
mod press;
pub mod registration;
pub mod sending;
mod service_command;
mod sessions;
mod sign;
mod start;
mod state;
mod talk;
mod upgraded;
mod webhook;

pub use state::Bot;

countersign_edge::doors! {
    Bot;
    post "/telegram/webhook" webhook::webhook;
}
