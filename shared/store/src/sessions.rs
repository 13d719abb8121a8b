//! Signing sessions: a slot per kind, and a record of each that was ever there.

use countersign_core::{
    Moment, SessionId, Subject,
    policy::Permit,
    signing::{Session, SessionRecord},
};

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{SlotItem, item, read},
    keys,
    transaction::{Transaction, number, text},
};

/// What the facts said of the slot that a commit relies on or replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotSeen {
    /// It was empty.
    Empty,
    /// It was empty, and what is put into it is a row of the old database: each slot takes one row, once.
    NeverImported,
    /// This session was in it.
    Filled(SessionId),
}

/// A session to put into its slot.
#[derive(Debug)]
pub struct NewSlot<'a> {
    /// The session.
    pub session: &'a Session,
    /// What it replaces.
    pub seen: SlotSeen,
    /// The answer to keep.
    pub kept: Option<KeptAnswer<'a>>,
}

impl Transaction<'_> {
    /// The session is still in its slot and live: a revocation that came between wins.
    pub(crate) fn while_live(self, subject: Subject, session: &Session, now: Moment) -> Self {
        let values = vec![(":session", number(session.id)), (":now", number(now.millis()))];
        let key = keys::slot(subject, session.kind);
        self.check(Guard::Session, &key, "session_id = :session AND live_until > :now", values)
    }
}

impl Store {
    /// Puts a session into its slot; the one that was there is ended, and its material is gone.
    ///
    /// # Errors
    /// [`Guard::Session`] where the slot changed or a row was imported into it before, [`Guard::Person`] where the person is not there, [`Guard::KmsKey`]
    /// where the KMS key is another's, [`Guard::Idempotency`] where the key's record is there.
    pub async fn commit_session(&self, permit: &Permit, slot: &NewSlot<'_>) -> Result<(), StoreError> {
        let (subject, session) = (permit.subject(), slot.session);
        let key = keys::slot(subject, session.kind);
        let (condition, values) = match slot.seen {
            SlotSeen::Empty | SlotSeen::NeverImported => ("attribute_not_exists(pk)", vec![]),
            SlotSeen::Filled(id) => ("session_id = :seen", vec![(":seen", number(id))]),
        };
        let record = item(&keys::session(subject, session.id), "session", session.record())?;
        let mut transaction = Transaction::new(self)
            .check(Guard::Person, &keys::person(subject), "attribute_exists(pk)", vec![])
            .put(Guard::Session, item(&key, "slot", SlotItem::from(session))?, Some(condition), values)
            .put(Guard::SessionRecord, record, Some("attribute_not_exists(pk)"), vec![]);
        if slot.seen == SlotSeen::NeverImported {
            transaction = transaction.mark_imported(subject, session)?;
        }
        if let SlotSeen::Filled(id) = slot.seen {
            transaction = transaction.end_record(subject, id, permit.by(), session.created_at);
        }
        if let countersign_core::signing::Material::Kms(arn) = &session.material {
            transaction = transaction.own_kms_key(subject, arn)?;
        }
        transaction.keep(slot.kept.as_ref())?.commit().await
    }

    /// Ends a session: from this commit on nothing signs with it, and its material is gone.
    ///
    /// # Errors
    /// [`Guard::Session`] where it is not in its slot any more.
    pub async fn commit_end(
        &self,
        permit: &Permit,
        record: &SessionRecord,
        now: Moment,
        kept: Option<KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let subject = permit.subject();
        Transaction::new(self)
            .delete(
                Guard::Session,
                &keys::slot(subject, record.kind),
                "session_id = :session",
                vec![(":session", number(record.id))],
            )
            .end_record(subject, record.id, permit.by(), now)
            .keep(kept.as_ref())?
            .commit()
            .await
    }

    /// Reads a session's record.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn session_record(&self, permit: &Permit, id: SessionId) -> Result<Option<SessionRecord>, StoreError> {
        let found = self.get(&keys::session(permit.subject(), id)).await?;
        found.map(|item| read(item, "session")).transpose()
    }
}

impl Transaction<'_> {
    fn end_record(self, subject: Subject, id: SessionId, by: &str, at: Moment) -> Self {
        let ended = aws_sdk_dynamodb::types::AttributeValue::M(
            [("at".to_owned(), number(at.millis())), ("by".to_owned(), text(by))].into(),
        );
        self.update(
            Guard::SessionRecord,
            &keys::session(subject, id),
            "SET ended = :ended",
            "attribute_exists(pk) AND attribute_not_exists(ended)",
            vec![(":ended", ended)],
        )
    }

    /// A session that was imported and ended does not come back when its row is sent again.
    fn mark_imported(self, subject: Subject, session: &Session) -> Result<Self, StoreError> {
        let key = keys::imported(subject, session.kind);
        let mark = item(&key, "imported", serde_json::json!({ "session_id": session.id }))?;
        Ok(self.put(Guard::Session, mark, Some("attribute_not_exists(pk)"), vec![]))
    }

    /// A KMS key belongs to the first person who proved to be allowed to use it, for good.
    fn own_kms_key(self, subject: Subject, arn: &str) -> Result<Self, StoreError> {
        let owner = subject.to_string();
        let record = item(&keys::kms_key_owner(arn), "kms_key_owner", serde_json::json!({ "owner_subject": owner }))?;
        let condition = "attribute_not_exists(pk) OR owner_subject = :owner";
        Ok(self.put(Guard::KmsKey, record, Some(condition), vec![(":owner", text(owner))]))
    }
}
