//! Reads facts from and commits decisions to the one DynamoDB table. The only crate that links its SDK.
//!
//! `README.md` beside this crate lists every access pattern: question → key → function.

mod access_reads;
mod accesses;
mod accounts;
mod admins;
mod approval_reads;
mod approvals;
mod approvals_due;
mod asking;
mod binding;
mod commands;
mod connection_notices;
mod connections;
mod contacts;
mod conversations;
mod deliveries;
mod error;
mod facts;
mod families;
mod family_commit;
mod family_facts;
mod idempotency;
mod items;
mod keyring;
mod keys;
mod ledger;
mod lists;
mod logins;
mod made;
mod movement_votes;
mod moving;
mod oauth_codes;
mod outbox;
mod outgoing_due;
mod people;
mod planning;
mod remote;
mod reports;
mod revocations;
mod roles;
mod services;
mod sessions;
mod signatures;
mod table;
mod tasks;
mod transaction;

pub use access_reads::AccessesWanted;
pub use accounts::{AccountFacts, NamedPerson, NewAccount, Try};
pub use approval_reads::{Approval, Prompt};
pub use approvals::MayAsk;
pub use asking::Asking;
pub use binding::{Binding, BindingFacts};
pub use commands::{CommandList, OwnedCommand};
pub use connection_notices::{DueConnection, DueOf};
pub use error::StoreError;
pub use facts::{Facts, Wanted};
pub use family_commit::{Along, Undone};
pub use family_facts::{FamilyFacts, FamilyWanted};
pub use idempotency::KeptAnswer;
pub use keyring::{
    DueFrom, DueKeyring, DueLine, DuePage, FoundBots, HeldKey, HeldStage, KeyPlace, KeyringAlong, KeyringFacts,
    KeyringWanted, ListedClient, NewKey, SealedKey,
};
pub use keys::{KeyScope, Outgoing};
pub use ledger::{MovementFacts, Narrowed, Proof};
pub use lists::Page;
pub use oauth_codes::Beside;
pub use people::{Bootstrap, ImportedPerson};
pub use planning::BudgetFacts;
pub use remote::{Closing, NextIntent, PendingIntent, PendingKey};
pub use roles::RoleChange;
pub use services::ListedService;
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
