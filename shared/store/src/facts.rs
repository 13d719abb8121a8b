//! Everything that a decision needs, in one strongly consistent round trip.

use countersign_core::{
    ApprovalId, ChatId, Person, ServiceId, Subject, UpdateId, approval,
    gate::StoredService,
    idempotency::{IdempotencyKey, IdempotencyRecord},
    signing::{Intent, Session, SessionKind},
};

use crate::{
    KeyScope, OwnedCommand, Store, StoreError, approval_reads,
    commands::{self, CommandsRevision},
    items::{SlotItem, read},
    keys::{self, Key, SK},
    table::Item,
};

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// The person whose record is needed.
    pub subject: Option<Subject>,
    /// Their sessions as well.
    pub sessions: bool,
    /// The service that a credential names.
    pub service: Option<ServiceId>,
    /// The record of an idempotency key.
    pub idempotency: Option<(KeyScope, &'a IdempotencyKey)>,
    /// The intent for a transaction hash (lower-case hex).
    pub intent: Option<&'a str>,
    /// The claim of an update of Telegram's.
    pub update: Option<UpdateId>,
    /// The proposal that a button names, with its copy in this chat.
    pub approval: Option<(ApprovalId, ChatId)>,
    /// A command of a service's, by name.
    pub command: Option<&'a str>,
    /// The last change of all services' commands.
    pub commands_revision: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Facts {
    /// The person.
    pub person: Option<Person>,
    /// Their sessions, in no order.
    pub sessions: Vec<Session>,
    /// The service.
    pub service: Option<StoredService>,
    /// The idempotency record.
    pub idempotency: Option<IdempotencyRecord>,
    /// The intent.
    pub intent: Option<Intent>,
    /// The update was handled before.
    pub is_handled: bool,
    /// What a vote is judged by.
    pub approval: approval::Facts,
    /// The command of a service's.
    pub command: Option<OwnedCommand>,
    /// The last change of all services' commands; none where there was none.
    pub commands_revision: Option<String>,
}

impl Store {
    /// Reads what is wanted with one `BatchGetItem`.
    ///
    /// # Errors
    /// Where the table cannot be read, or an item is not of our form.
    pub async fn facts(&self, wanted: &Wanted<'_>) -> Result<Facts, StoreError> {
        let mut facts = Facts::default();
        let keys = wanted.keys();
        if keys.is_empty() {
            return Ok(facts);
        }
        for item in self.get_batch(&keys).await? {
            facts.take(item)?;
        }
        Ok(facts)
    }
}

impl Wanted<'_> {
    fn keys(&self) -> Vec<Key> {
        let mut wanted = Vec::with_capacity(8);
        if let Some(subject) = self.subject {
            wanted.push(keys::person(subject));
            if self.sessions {
                wanted.extend(SessionKind::ALL.map(|kind| keys::slot(subject, kind)));
            }
            wanted.extend(self.intent.map(|hash| keys::intent(subject, hash)));
        }
        wanted.extend(self.service.map(keys::service));
        wanted.extend(self.update.map(keys::update));
        wanted.extend(self.approval.into_iter().flat_map(|(id, chat)| approval_reads::vote_keys(id, chat)));
        wanted.extend(self.command.map(keys::command));
        wanted.extend(self.commands_revision.then(keys::commands_revision));
        wanted.extend(self.idempotency.map(|(scope, key)| keys::idempotency(scope, &key.name)));
        wanted
    }
}

impl Facts {
    fn take(&mut self, item: Item) -> Result<(), StoreError> {
        let sk = item.get(SK).and_then(|sk| sk.as_s().ok()).map(String::as_str).unwrap_or_default();
        match sk.split('#').next().unwrap_or_default() {
            "PERSON" => self.person = Some(read(item, "person")?),
            "SLOT" => self.sessions.push(read::<SlotItem>(item, "slot")?.try_into()?),
            "SERVICE" => self.service = Some(read(item, "service")?),
            "IDEMPOTENCY" => self.idempotency = Some(read(item, "idempotency")?),
            "INTENT" => self.intent = Some(read(item, "intent")?),
            "UPDATE" => self.is_handled = true,
            "PROPOSAL" | "STATE" | "COPY" => approval_reads::take(&mut self.approval, item)?,
            "COMMAND" => self.command = Some(commands::owned(item)?),
            "REVISION" => {
                let found: CommandsRevision = read(item, "commands_revision")?;
                self.commands_revision = Some(found.revision);
            }
            _ => return Err(StoreError::Unreadable("an item that was not asked for".into())),
        }
        Ok(())
    }
}
