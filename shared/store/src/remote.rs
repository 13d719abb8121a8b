//! Signatures made outside: the intent before the call, the outcome after it, and what is still without one.

use countersign_core::{
    Moment, Subject,
    policy::Permit,
    signing::{Intent, IntentState, Outcome, Session, SignatureRecord},
};
use serde::Serialize;

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{item, read},
    keys::{self, PENDING_AT, PENDING_INDEX, PENDING_INTENTS, PENDING_PK},
    table::Item,
    transaction::{Transaction, number, text},
};

/// What closes or moves an intent after the call.
#[derive(Debug)]
pub struct Closing<'a> {
    /// The intent as it shall be: its version one above the one that was read.
    pub intent: &'a Intent,
    /// What the log keeps, in words without a secret.
    pub reason: &'a str,
    /// When.
    pub at: Moment,
    /// The answer to keep.
    pub kept: Option<KeptAnswer<'a>>,
}

/// An intent whose outcome is not known, as the sweep finds it.
#[derive(Debug)]
pub struct PendingIntent {
    /// Whose.
    pub subject: Subject,
    /// The intent.
    pub intent: Intent,
    /// Their sessions.
    pub sessions: Vec<Session>,
}

/// The record that closes a pending signature.
#[derive(Serialize)]
struct OutcomeRecord<'a> {
    outcome: Outcome,
    reason: &'a str,
    at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_id: Option<&'a str>,
}

impl Store {
    /// Keeps the body that a mini-app is asked to stamp. Nothing is signed yet.
    ///
    /// # Errors
    /// [`Guard::Session`] where the session ended, [`Guard::Intent`] where another request was first.
    pub async fn commit_stamp_request(
        &self,
        permit: &Permit,
        session: &Session,
        intent: &Intent,
    ) -> Result<(), StoreError> {
        Transaction::new(self)
            .while_live(permit.subject(), session, intent.changed_at)
            .move_intent(permit.subject(), intent)?
            .commit()
            .await
    }

    /// Commits that a signature will be asked for outside.
    ///
    /// # Errors
    /// [`Guard::Session`], [`Guard::Intent`], [`Guard::Signature`] or [`Guard::Idempotency`] as for the others.
    pub async fn commit_intent(
        &self,
        permit: &Permit,
        session: &Session,
        intent: &Intent,
        record: &SignatureRecord,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let subject = permit.subject();
        let event = item(&keys::signature(subject, record.id), "signature", record)?;
        Transaction::new(self)
            .while_live(subject, session, record.at)
            .move_intent(subject, intent)?
            .put(Guard::Signature, event, Some("attribute_not_exists(pk)"), vec![])
            .keep(kept)?
            .commit()
            .await
    }

    /// Commits what became of an intent. A signed or failed one gets the second record that closes it, exactly once.
    ///
    /// # Errors
    /// [`Guard::Intent`] where somebody else moved it first.
    pub async fn commit_outcome(&self, subject: Subject, closing: &Closing<'_>) -> Result<(), StoreError> {
        let intent = closing.intent;
        let outcome = match intent.state {
            IntentState::AwaitingStamp | IntentState::Pending | IntentState::Unknown => None,
            IntentState::Signed => Some(Outcome::Signed),
            IntentState::Failed => Some(Outcome::Failed),
            IntentState::Lost => Some(Outcome::Lost),
        };
        let mut transaction = Transaction::new(self).move_intent(subject, intent)?;
        if let Some(outcome) = outcome {
            let activity_id = intent.activity_id.as_deref();
            let record = OutcomeRecord { outcome, reason: closing.reason, at: closing.at, activity_id };
            let key = keys::signature_outcome(subject, intent.signature_id);
            let event = item(&key, "signature_outcome", record)?;
            transaction = transaction.put(Guard::Signature, event, Some("attribute_not_exists(pk)"), vec![]);
        }
        transaction.keep_closing(closing.kept.as_ref())?.commit().await
    }

    /// Intents that have been without an outcome since before `before`, oldest first, at most `most`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn pending_intents(&self, before: Moment, most: i32) -> Result<Vec<PendingIntent>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING_INDEX)
            .key_condition_expression("pending_pk = :pk AND pending_at < :before")
            .expression_attribute_values(":pk", text(PENDING_INTENTS))
            .expression_attribute_values(":before", number(before.millis()))
            .limit(most)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let mut pending = Vec::new();
        for found in answer.items.unwrap_or_default() {
            pending.extend(self.pending_intent(&found).await?);
        }
        Ok(pending)
    }

    /// The index is eventually consistent: the item itself decides.
    async fn pending_intent(&self, found: &Item) -> Result<Option<PendingIntent>, StoreError> {
        let Some(key) = keys::Key::of(found) else { return Ok(None) };
        let (Some(subject), Some(hash)) = (keys::subject_of(&key.pk), key.sk.strip_prefix(keys::INTENT_PREFIX)) else {
            return Ok(None);
        };
        let wanted = crate::Wanted { subject: Some(subject), sessions: true, intent: Some(hash), ..Default::default() };
        let facts = self.facts(&wanted).await?;
        Ok(facts.intent.map(|intent| PendingIntent { subject, intent, sessions: facts.sessions }))
    }

    /// Reads an intent: after a commit lost a race.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn intent(&self, subject: Subject, hash: &str) -> Result<Option<Intent>, StoreError> {
        self.get(&keys::intent(subject, hash)).await?.map(|item| read(item, "intent")).transpose()
    }
}

impl Transaction<'_> {
    /// Writes an intent over the version below its own; version 1 must be the first.
    fn move_intent(self, subject: Subject, intent: &Intent) -> Result<Self, StoreError> {
        let mut stored = item(&keys::intent(subject, &intent.hash), "intent", intent)?;
        if matches!(intent.state, IntentState::Pending | IntentState::Unknown) {
            stored.insert(PENDING_PK.into(), text(PENDING_INTENTS));
            stored.insert(PENDING_AT.into(), number(intent.changed_at.millis()));
        }
        let (condition, values) = match intent.version {
            0 | 1 => ("attribute_not_exists(pk)", vec![]),
            version => ("version = :before", vec![(":before", number(version - 1))]),
        };
        Ok(self.put(Guard::Intent, stored, Some(condition), values))
    }
}
