//! Linked accounts in the bot: `/login`, the deep link that brings a code back, `/logout`, `/connections`, `/setname`.

mod accounts;
mod clients;
mod login;
mod redeem;

pub(crate) use accounts::{list, logout, set_name};
pub(crate) use clients::Links;
pub(crate) use login::{login, pressed};
pub(crate) use redeem::redeem;
