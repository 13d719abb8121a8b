//! Keys of the one table, built and taken apart here alone. `#` parts them; no id can hold one.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{ServiceId, SessionId, SignatureId, Subject, UserId, signing::SessionKind};

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
