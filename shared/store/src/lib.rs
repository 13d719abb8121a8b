//! Reads facts from and commits decisions to the one DynamoDB table. The only crate that links its SDK.
//!
//! `README.md` beside this crate lists every access pattern: question → key → function.

mod error;
mod facts;
mod idempotency;
mod items;
mod keys;
mod lists;
mod people;
mod remote;
mod sessions;
mod signatures;
mod table;
mod transaction;

pub use error::StoreError;
pub use facts::{Facts, Wanted};
pub use idempotency::KeptAnswer;
pub use keys::KeyScope;
pub use lists::Page;
pub use people::{Bootstrap, ImportedPerson};
pub use remote::{Closing, NextIntent, PendingIntent, PendingKey};
pub use sessions::{NewSlot, SlotSeen};
pub use transaction::Guard;

use aws_sdk_dynamodb::Client;

/// The table, through one client that is built once and warmed at start.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// A store on `table`.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, table: impl Into<String>) -> Self {
        Self { client: Client::new(config), table: table.into() }
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }
}
