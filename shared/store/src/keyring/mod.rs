//! Clients, their trading keys, bots and runners: what is read before a decision and what a decision writes.

mod bots;
mod clients;
mod due;
mod entering;
mod facts;
mod forms;
mod history;
mod items;
mod kms;
mod resealing;
mod revoke_all;
mod runners;
mod signing;

pub use bots::FoundBots;
pub use clients::ListedClient;
pub use due::{DueFrom, DueKeyring, DueLine, DuePage};
pub use entering::NewKey;
pub use facts::{HeldKey, HeldStage, KeyringFacts, KeyringWanted};
pub use items::KeyringAlong;
pub use resealing::{KeyPlace, SealedKey};
