//! The Telegram stand-in as its clients meet it: bots over HTTP, people through the control routes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod bench;
mod calls;
mod chats;
mod client;
mod editing;
mod files;
mod hook;
mod limits;
mod people;
mod polling;
mod sending;
mod webhook;
