//! The courier: takes messages off the queue, chat by chat, and writes them to Telegram.

mod attempt;
mod batch;
mod courier;

pub use batch::handle;
pub use courier::Courier;
pub(crate) use courier::telegram;
