//! Keys of the one table, built and taken apart here alone. `#` parts them; no id can hold one.

mod access;
pub(crate) mod account;
pub(crate) mod family;
pub(crate) mod keyring;
mod linked;
mod outgoing;
pub(crate) mod planning;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{
    ApprovalId, BotId, ChatId, ClientId, DeliveryId, LoginId, OutId, ServiceId, SessionId, SignatureId, Subject,
    TaskId, TelegramId, UpdateId, UserId, signing::SessionKind,
};

pub(crate) use access::{
    access, access_bound, access_day, access_day_begin, access_day_partition, access_of, family_access,
    family_access_partition,
};
pub(crate) use linked::{REVOCATION_PREFIX, revocation};
pub use outgoing::Outgoing;
pub(crate) use outgoing::made;

/// Partition key attribute.
pub(crate) const PK: &str = "pk";
/// Sort key attribute.
pub(crate) const SK: &str = "sk";
/// TTL attribute, Unix seconds. It tidies up; it never decides.
pub(crate) const EXPIRES_AT: &str = "expires_at";
/// Sparse index of intents without an outcome.
pub(crate) const PENDING_INDEX: &str = "pending";
/// Partition key of [`PENDING_INDEX`].
pub(crate) const PENDING_PK: &str = "pending_pk";
/// Sort key of [`PENDING_INDEX`], milliseconds since the epoch.
pub(crate) const PENDING_AT: &str = "pending_at";
/// The one partition of [`PENDING_INDEX`]: it holds only what is unresolved, a handful of items.
pub(crate) const PENDING_INTENTS: &str = "INTENTS";
/// The partition of what is due of linked accounts.
pub(crate) const PENDING_CONNECTIONS: &str = "REMINDERS";
/// The partition of [`PENDING_INDEX`] that holds open proposals, each at the moment when something is due.
pub(crate) const PENDING_APPROVALS: &str = "APPROVALS";
/// The partition of what has no end yet: messages to Telegram and deliveries to services, each at the moment when it is overdue.
pub(crate) const PENDING_OUTGOING: &str = "OUTGOING";

/// One item's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    pub(crate) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk.clone())),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }

    pub(crate) fn of(item: &HashMap<String, AttributeValue>) -> Option<Self> {
        let text = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        Some(Self { pk: text(PK)?, sk: text(SK)? })
    }
}

/// Under whom an idempotency record is kept: the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyScope {
    /// A person.
    Subject(Subject),
    /// A service.
    Service(ServiceId),
    /// The runner of a client's bot.
    Bot(ClientId, BotId),
}

pub(crate) fn subject_partition(subject: Subject) -> String {
    format!("SUBJECT#{subject}")
}

/// Takes [`subject_partition`] apart.
pub(crate) fn subject_of(pk: &str) -> Option<Subject> {
    pk.strip_prefix("SUBJECT#").and_then(Subject::parse)
}

pub(crate) fn person(subject: Subject) -> Key {
    Key::new(subject_partition(subject), "PERSON")
}

/// Whose a user id is.
pub(crate) fn user(id: UserId) -> Key {
    Key::new(format!("USER#{id}"), "USER")
}

pub(crate) fn slot(subject: Subject, kind: SessionKind) -> Key {
    Key::new(subject_partition(subject), format!("SLOT#{}", kind.authenticator_type()))
}

/// The row of the old database that was put into a slot once: sent again it is not, whatever became of the session.
pub(crate) fn imported(subject: Subject, kind: SessionKind) -> Key {
    Key::new(subject_partition(subject), format!("IMPORTED#{}", kind.authenticator_type()))
}

pub(crate) const SESSION_PREFIX: &str = "SESSION#";

pub(crate) fn session(subject: Subject, id: SessionId) -> Key {
    Key::new(subject_partition(subject), format!("{SESSION_PREFIX}{:016}", id.get()))
}

pub(crate) fn signature(subject: Subject, id: SignatureId) -> Key {
    Key::new(subject_partition(subject), format!("SIGNATURE#{:016}", id.get()))
}

/// The second record of a signature that was pending: it closes it, exactly once.
pub(crate) fn signature_outcome(subject: Subject, id: SignatureId) -> Key {
    Key::new(subject_partition(subject), format!("SIGNATURE#{:016}#OUTCOME", id.get()))
}

/// `hash`: the transaction's, lower-case hex.
pub(crate) fn intent(subject: Subject, hash: &str) -> Key {
    Key::new(subject_partition(subject), format!("{INTENT_PREFIX}{hash}"))
}

pub(crate) const INTENT_PREFIX: &str = "INTENT#";

pub(crate) fn service(id: ServiceId) -> Key {
    Key::new(format!("SERVICE#{id}"), "SERVICE")
}

pub(crate) fn idempotency(scope: KeyScope, name: &str) -> Key {
    let partition = match scope {
        KeyScope::Subject(subject) => subject_partition(subject),
        KeyScope::Service(id) => service(id).pk,
        KeyScope::Bot(client, id) => format!("{}#BOT#{id}", keyring::partition(client)),
    };
    Key::new(partition, format!("IDEMPOTENCY#{name}"))
}

/// `claim`: the gate's hash of a signed request.
pub(crate) fn replay_claim(claim: &str) -> Key {
    Key::new(format!("REPLAY#{claim}"), "REPLAY")
}

/// Which subject a KMS signing key belongs to. ARNs hold no `#`.
pub(crate) fn kms_key_owner(arn: &str) -> Key {
    Key::new(format!("KMSKEY#{arn}"), "OWNER")
}

/// The outbox of a chat lies in one partition: the stream keeps its order.
/// The conversation that stands in a chat.
pub(crate) fn conversation(chat: ChatId) -> Key {
    Key::new(format!("CHAT#{chat}"), "CONVERSATION")
}

pub(crate) const OUT_PREFIX: &str = "OUT#";

pub(crate) fn out(chat: ChatId, id: OutId) -> Key {
    Key::new(chat_partition(chat), format!("{OUT_PREFIX}{:016}", id.get()))
}

pub(crate) const TASK_PREFIX: &str = "TASK#";

pub(crate) fn task(service_id: ServiceId, id: TaskId) -> Key {
    Key::new(service(service_id).pk, format!("{TASK_PREFIX}{:016}", id.get()))
}

/// The copy of a question in a chat.
pub(crate) fn approval_copy(approval: ApprovalId, chat: ChatId) -> Key {
    Key::new(approval_partition(approval), format!("COPY#{chat}"))
}

/// Everything of a proposal.
pub(crate) fn approval_partition(id: ApprovalId) -> String {
    format!("{APPROVAL_PREFIX}{id}")
}

const APPROVAL_PREFIX: &str = "APPROVAL#";

/// Takes [`approval_partition`] apart.
pub(crate) fn approval_of(pk: &str) -> Option<ApprovalId> {
    pk.strip_prefix(APPROVAL_PREFIX)?.parse().ok()
}

/// What is asked; never changed.
pub(crate) fn approval_proposal(id: ApprovalId) -> Key {
    Key::new(approval_partition(id), "PROPOSAL")
}

/// How far it is.
pub(crate) fn approval_state(id: ApprovalId) -> Key {
    Key::new(approval_partition(id), "STATE")
}

/// A person's vote: there is one.
pub(crate) fn approval_vote(id: ApprovalId, person: TelegramId) -> Key {
    Key::new(approval_partition(id), format!("VOTE#{person}"))
}

pub(crate) const PROMPT_PREFIX: &str = "PROMPT#";

/// A question of a chat that is answered in words, while it is open.
pub(crate) fn prompt(chat: ChatId, id: ApprovalId) -> Key {
    Key::new(chat_partition(chat), format!("{PROMPT_PREFIX}{:016}", id.get()))
}

pub(crate) fn chat_partition(chat: ChatId) -> String {
    format!("CHAT#{chat}")
}

/// How many approvals a person has asked for that are still open.
pub(crate) fn open_approvals(subject: Subject) -> Key {
    Key::new(subject_partition(subject), "OPENAPPROVALS")
}

/// The claim of an update of Telegram's.
pub(crate) fn update(id: UpdateId) -> Key {
    Key::new(format!("UPDATE#{id}"), "UPDATE")
}

/// The directory of services.
pub(crate) const SERVICES: &str = "SERVICES";
pub(crate) const SERVICE_PREFIX: &str = "SERVICE#";

/// A service in the directory.
pub(crate) fn service_entry(id: ServiceId) -> Key {
    Key::new(SERVICES, format!("{SERVICE_PREFIX}{:016}", id.get()))
}

/// The partition of all commands of services: under a hundred.
pub(crate) const COMMANDS: &str = "COMMANDS";

/// A command that a service gives the bot. Names are of `a-z 0-9 _`.
pub(crate) fn command(name: &str) -> Key {
    Key::new(COMMANDS, format!("COMMAND#{name}"))
}

/// The last change of all commands: read with whatever depends on the whole list, so that it is queried only when it changed.
pub(crate) fn commands_revision() -> Key {
    Key::new("COMMANDS_REVISION", "REVISION")
}

/// Which commands are a service's.
pub(crate) fn command_list(id: ServiceId) -> Key {
    Key::new(service(id).pk, "COMMANDS")
}

/// A callback or a command on its way to a service.
pub(crate) fn delivery(service_id: ServiceId, id: DeliveryId) -> Key {
    Key::new(service(service_id).pk, format!("DELIVERY#{:016}", id.get()))
}

/// The one live code that binds a person's chat; a newer one takes its place.
pub(crate) fn bind_code(chat: TelegramId) -> Key {
    Key::new(format!("BIND#{chat}"), "BIND")
}

/// How many codes a person has tried.
pub(crate) fn bind_tries(subject: Subject) -> Key {
    Key::new(subject_partition(subject), "BINDTRIES")
}

pub(crate) const LOGIN_PREFIX: &str = "LOGIN#";

/// A login of a person.
pub(crate) fn login(subject: Subject, id: LoginId) -> Key {
    Key::new(subject_partition(subject), format!("{LOGIN_PREFIX}{:016}", id.get()))
}

/// `name`: the hash of a state of an authorization request.
pub(crate) fn oauth_state(name: &str) -> Key {
    Key::new(format!("OAUTHSTATE#{name}"), "STATE")
}

/// `name`: the hash of the id that a provider's code waits under.
pub(crate) fn oauth_code(name: &str) -> Key {
    Key::new(format!("OAUTHCODE#{name}"), "CODE")
}

pub(crate) const CONNECTION_PREFIX: &str = "CONNECTION#";

/// A person's link to a provider. Providers' names hold no `#`.
pub(crate) fn connection(subject: Subject, provider: &str) -> Key {
    Key::new(subject_partition(subject), format!("{CONNECTION_PREFIX}{provider}"))
}

pub(crate) const REDEMPTION_PREFIX: &str = "REDEMPTION#";

/// A code that was taken and is being exchanged.
pub(crate) fn redemption(subject: Subject, code_name: &str) -> Key {
    Key::new(subject_partition(subject), format!("{REDEMPTION_PREFIX}{code_name}"))
}
