//! Signatures made outside: the intent before the call, the outcome after it, and what is still without one.

use countersign_core::{
    Moment, Subject,
    idempotency::IdempotencyKey,
    limits,
    policy::Permit,
    signing::{Intent, IntentState, Outcome, Session, SignatureRecord},
};
use serde::Serialize;

use crate::{
    Guard, KeptAnswer, KeyScope, Store, StoreError,
    items::{item, item_until, read},
    keys::{self, PENDING_AT, PENDING_INTENTS, PENDING_PK},
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
    /// The key to free: it has not run.
    pub released: Option<(KeyScope, &'a IdempotencyKey)>,
}

/// An intent to write over what the facts showed.
#[derive(Debug)]
pub struct NextIntent<'a> {
    /// The intent as it shall be.
    pub intent: &'a Intent,
    /// Another attempt that it leaves behind without an outcome, which is closed as never learnt.
    pub left_behind: Option<&'a Intent>,
}

/// Where an intent without an outcome lies, as the index says.
#[derive(Clone, Debug)]
pub struct PendingKey {
    subject: Subject,
    hash: String,
}

impl PendingKey {
    fn of(found: &Item) -> Option<Self> {
        let key = keys::Key::of(found)?;
        let hash = key.sk.strip_prefix(keys::INTENT_PREFIX)?.to_owned();
        Some(Self { subject: keys::subject_of(&key.pk)?, hash })
    }
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
        next: &NextIntent<'_>,
    ) -> Result<(), StoreError> {
        Transaction::new(self)
            .while_live(permit.subject(), session, next.intent.changed_at)
            .replace_intent(permit.subject(), next)?
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
        next: &NextIntent<'_>,
        record: &SignatureRecord,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let subject = permit.subject();
        let event = item(&keys::signature(subject, record.id), "signature", record)?;
        Transaction::new(self)
            .while_live(subject, session, record.at)
            .replace_intent(subject, next)?
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
            transaction = transaction.close_event(subject, intent, outcome, closing.reason, closing.at)?;
        }
        transaction.keep(closing.kept.as_ref())?.release(closing.released, closing.at).commit().await
    }

    /// Intents that have been without an outcome since before `before`, oldest first, at most `most`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn pending_intents(&self, before: Moment, most: i32) -> Result<Vec<PendingKey>, StoreError> {
        let found = self.due(PENDING_INTENTS, Moment::from_millis(before.millis() - 1), most).await?;
        Ok(found.iter().filter_map(PendingKey::of).collect())
    }

    /// Reads an intent that the index named, and whoever's it is, as they are now. None where it has an outcome, or
    /// where somebody has moved it since `before`: the index is eventually consistent, the item itself decides.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn pending_intent(&self, key: &PendingKey, before: Moment) -> Result<Option<PendingIntent>, StoreError> {
        let wanted =
            crate::Wanted { subject: Some(key.subject), sessions: true, intent: Some(&key.hash), ..Default::default() };
        let facts = self.facts(&wanted).await?;
        let open = facts.intent.filter(|intent| intent.is_open() && intent.changed_at < before);
        Ok(open.map(|intent| PendingIntent { subject: key.subject, intent, sessions: facts.sessions }))
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
        let key = keys::intent(subject, &intent.hash);
        let stored = if intent.is_open() {
            let mut open = item(&key, "intent", intent)?;
            open.insert(PENDING_PK.into(), text(PENDING_INTENTS));
            open.insert(PENDING_AT.into(), number(intent.changed_at.millis()));
            open
        } else {
            item_until(&key, "intent", intent, intent.changed_at.plus_seconds(limits::INTENT_KEPT_SECONDS))?
        };
        let (condition, values) = match intent.version {
            0 | 1 => ("attribute_not_exists(pk)", vec![]),
            version => ("version = :before", vec![(":before", number(version - 1))]),
        };
        Ok(self.put(Guard::Intent, stored, Some(condition), values))
    }

    /// The same, and the event of the attempt that is left behind gets the record that closes it.
    fn replace_intent(self, subject: Subject, next: &NextIntent<'_>) -> Result<Self, StoreError> {
        let transaction = self.move_intent(subject, next.intent)?;
        match next.left_behind {
            None => Ok(transaction),
            Some(left) => transaction.close_event(subject, left, Outcome::Lost, "left behind", next.intent.changed_at),
        }
    }

    fn close_event(
        self,
        subject: Subject,
        intent: &Intent,
        outcome: Outcome,
        reason: &str,
        at: Moment,
    ) -> Result<Self, StoreError> {
        let record = OutcomeRecord { outcome, reason, at, activity_id: intent.activity_id.as_deref() };
        let event = item(&keys::signature_outcome(subject, intent.signature_id), "signature_outcome", record)?;
        Ok(self.put(Guard::Signature, event, Some("attribute_not_exists(pk)"), vec![]))
    }
}
