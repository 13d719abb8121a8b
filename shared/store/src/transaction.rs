//! One conditional `TransactWriteItems`: the only way anything that matters is written.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update},
};
use backon::Retryable;

use crate::{
    Store, StoreError,
    keys::Key,
    table::{Item, backoff},
};

/// What a write of a transaction guards: tells the caller which condition failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The session is still the one that was read, and live.
    Session,
    /// The session's record.
    SessionRecord,
    /// The person's record.
    Person,
    /// The claim of a user id.
    User,
    /// The idempotency record.
    Idempotency,
    /// The signature's record, or its outcome.
    Signature,
    /// The intent at the version that was read.
    Intent,
    /// The KMS key's owner.
    KmsKey,
    /// The state of an authorization request: new, or live and unused.
    OauthState,
    /// The provider's code: new, or live, untaken and the person's own.
    OauthCode,
    /// The code that was taken and has no outcome.
    Redemption,
    /// The linked account as it was read, or leased to whoever writes.
    Connection,
    /// The service's record: new, or live and as it was read.
    Service,
    /// The name of a service's command: free, or its own.
    Command,
    /// The list of a service's commands as it was read.
    CommandList,
    /// Whoever acts still has the role that lets them.
    Actor,
    /// The message in a chat's outbox: new, or claimed by this courier.
    Out,
    /// The service's task: new, or still queued.
    Task,
    /// The claim of an update of Telegram's: new.
    Update,
    /// The person behind an update: still new, or still with the same id.
    Contact,
    /// The copy of a question in a chat.
    Copy,
    /// The proposal: new.
    Proposal,
    /// The state of a proposal at the version that was read.
    Approval,
    /// A person's vote: the first.
    Vote,
    /// A person has not asked for too many approvals that are still open.
    OpenApprovals,
    /// The delivery to a service: new, or claimed by this courier.
    Delivery,
    /// The code that binds a chat: live.
    BindCode,
    /// The login of a person.
    Login,
    /// The account of an address: new, or as it was read.
    Account,
    /// Failed logins as they were read.
    Tries,
    /// The family as it was read: nothing else has changed it since.
    Family,
    /// A record of a family's ledger: new.
    Ledger,
    /// An invitation into a family: there.
    Invitation,
    /// The conversation of a chat at the step that was read.
    Conversation,
    /// A transfer that was put aside for a goal: not yet.
    GoalLink,
    /// A line of a directory; it fails at nothing.
    Directory,
    /// The client: new.
    Client,
    /// The person is no client yet.
    ClientPerson,
    /// The client's key as it was read.
    ClientKey,
    /// The fingerprint of a key: nobody's yet.
    KeyClaim,
    /// The staged key: this request's own.
    Stage,
    /// The client's bot: new, or as it was read.
    Bot,
    /// What is known of a bot's heartbeats, as it was read.
    Heartbeat,
    /// The runner's token: new, or live.
    RunnerToken,
    /// What a bot has signed within the hour, as it was read.
    Spent,
    /// The record of a key's use: new.
    KeyUse,
    /// The record of what happened to a key or a bot: new.
    KeyEvent,
    /// A line of the index as it was read.
    Due,
    /// How KMS was seen last, as it was read.
    KmsHealth,
    /// The one-time form for a key: new, or open.
    KeyForm,
    /// The revocation of every client's key as it was read, or before this one.
    RevokeAll,
}

/// Values for the placeholders of a condition or an update.
pub(crate) type Values = Vec<(&'static str, AttributeValue)>;

/// A transaction being put together, in order.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    store: &'a Store,
    guards: Vec<Guard>,
    writes: Vec<TransactWriteItem>,
    broken: Option<String>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, guards: Vec::new(), writes: Vec::new(), broken: None }
    }

    pub(crate) fn put(mut self, guard: Guard, item: Item, condition: Option<&str>, values: Values) -> Self {
        let put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(item))
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(names(&[condition.unwrap_or_default()]))
            .set_expression_attribute_values(placeholders(values))
            .build();
        match put {
            Ok(put) => self.push(guard, TransactWriteItem::builder().put(put).build()),
            Err(error) => self.broken = Some(error.to_string()),
        }
        self
    }

    pub(crate) fn check(mut self, guard: Guard, key: &Key, condition: &str, values: Values) -> Self {
        let check = ConditionCheck::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_names(names(&[condition]))
            .set_expression_attribute_values(placeholders(values))
            .build();
        match check {
            Ok(check) => self.push(guard, TransactWriteItem::builder().condition_check(check).build()),
            Err(error) => self.broken = Some(error.to_string()),
        }
        self
    }

    pub(crate) fn update(mut self, guard: Guard, key: &Key, update: &str, condition: &str, values: Values) -> Self {
        let update = Update::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(names(&[update, condition]))
            .set_expression_attribute_values(placeholders(values))
            .build();
        match update {
            Ok(update) => self.push(guard, TransactWriteItem::builder().update(update).build()),
            Err(error) => self.broken = Some(error.to_string()),
        }
        self
    }

    pub(crate) fn delete(mut self, guard: Guard, key: &Key, condition: &str, values: Values) -> Self {
        let delete = Delete::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_names(names(&[condition]))
            .set_expression_attribute_values(placeholders(values))
            .build();
        match delete {
            Ok(delete) => self.push(guard, TransactWriteItem::builder().delete(delete).build()),
            Err(error) => self.broken = Some(error.to_string()),
        }
        self
    }

    fn push(&mut self, guard: Guard, write: TransactWriteItem) {
        self.guards.push(guard);
        self.writes.push(write);
    }

    /// Commits all or nothing. Conflicts with other transactions are tried again, conditions are not.
    ///
    /// The SDK sends one `ClientRequestToken` per call and repeats it on its own retries, so an answer lost after the
    /// commit comes back as a success. A try of ours has a token of its own, and comes only after a refusal that is known
    /// to have written nothing.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        if let Some(broken) = self.broken {
            return Err(StoreError::Unavailable(broken));
        }
        let attempt = || async {
            self.store.client.transact_write_items().set_transact_items(Some(self.writes.clone())).send().await.map_err(
                |error| match error.as_service_error() {
                    Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                        reason(cancelled.cancellation_reasons(), &self.guards)
                    }
                    _ => StoreError::from_sdk(&error),
                },
            )
        };
        attempt.retry(backoff()).when(|error| matches!(error, StoreError::Conflict)).await.map(|_| ())
    }
}

/// The first failed condition in the order of the writes; else a conflict or throttle, which passes; else what DynamoDB said.
fn reason(reasons: &[aws_sdk_dynamodb::types::CancellationReason], guards: &[Guard]) -> StoreError {
    let codes = || reasons.iter().filter_map(|reason| reason.code());
    let failed = reasons.iter().position(|reason| reason.code() == Some("ConditionalCheckFailed"));
    if let Some(guard) = failed.and_then(|index| guards.get(index)) {
        return StoreError::Condition(*guard);
    }
    if codes().any(|code| matches!(code, "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")) {
        return StoreError::Conflict;
    }
    StoreError::Unavailable(codes().filter(|code| *code != "None").collect::<Vec<_>>().join(", "))
}

/// `#name` in an expression stands for the attribute `name` where that is one of DynamoDB's reserved words.
fn names(expressions: &[&str]) -> Option<HashMap<String, String>> {
    let words = expressions.iter().flat_map(|expression| expression.split('#').skip(1));
    let name = |rest: &str| {
        rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().map(str::to_owned)
    };
    let names: HashMap<_, _> = words.filter_map(name).map(|name| (format!("#{name}"), name)).collect();
    (!names.is_empty()).then_some(names)
}

fn placeholders(values: Values) -> Option<Item> {
    (!values.is_empty()).then(|| values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A number placeholder.
pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A string placeholder.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}
