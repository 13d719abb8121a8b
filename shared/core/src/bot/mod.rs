//! The bot's side of a chat: what an update asks for, who may use which command, which menu a person is offered.

mod answer;
mod command;
mod contact;
mod incoming;
mod leaked;
mod menu;
pub mod paying;
mod update;

pub use answer::{Answer, NotDone};
pub use command::{BotCommand, Named, Place, read_command};
pub use contact::{Contact, NEWCOMER};
pub use incoming::{Chat, Command, Incoming, Press, Sender, What};
pub use leaked::holds_key;
pub use menu::{Menu, MenuEntry, Offered, menu};
pub use update::{Read, UnreadableUpdate, Update};
