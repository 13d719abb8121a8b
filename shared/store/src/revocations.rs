//! Tokens that a new consent has put out of use and that are still to be revoked at their provider: each in a record of its own, so
//! that the connection in their place is not touched.

use countersign_core::{
    ConnectionId, Moment, Subject,
    connection::{Connection, Status, provider},
    limits,
};

use crate::{
    Guard, Store, StoreError,
    connections::{SEALED, blob, connection_of},
    items::item_until,
    keys::{self, PENDING_AT, PENDING_CONNECTIONS, PENDING_PK},
    transaction::{Transaction, number, text},
};

/// The kind of the record.
const REVOCATION: &str = "revocation";

impl Store {
    /// The connection of before that is to be revoked; none where it was.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn replaced(&self, subject: Subject, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
        let found = self.get(&keys::revocation(subject, id)).await?;
        found.map(|found| connection_of(found, REVOCATION)).transpose()
    }

    /// The revocation of such a connection has its outcome: its tokens are thrown away. With `again` it has none, and is due
    /// once more then.
    ///
    /// # Errors
    /// [`Guard::Connection`] where somebody else has thrown them away.
    pub async fn commit_replaced(
        &self,
        subject: Subject,
        seen: &Connection,
        again: Option<Moment>,
    ) -> Result<(), StoreError> {
        let key = keys::revocation(subject, seen.connection_id);
        let (there, transaction) = ("attribute_exists(pk)", Transaction::new(self));
        let transaction = match again {
            Some(at) => {
                let next = vec![(":next", number(at.millis()))];
                transaction.update(Guard::Connection, &key, "SET pending_at = :next", there, next)
            }
            None => transaction.delete(Guard::Connection, &key, there, vec![]),
        };
        transaction.commit().await
    }
}

impl Transaction<'_> {
    /// Keeps the tokens of a connection whose place a new one takes, where they are to be revoked.
    pub(crate) fn revoke_replaced(
        self,
        subject: Subject,
        replaced: Option<&Connection>,
        at: Moment,
    ) -> Result<Self, StoreError> {
        let beside = |found: &&Connection| provider(&found.provider).is_ok_and(|provider| provider.revokes_beside());
        let Some((before, sealed)) = replaced.filter(beside).and_then(|before| Some((before, before.sealed.as_ref()?)))
        else {
            return Ok(self);
        };
        let ended = Connection { standing: Status::Revoked, revoked_at: Some(at), ..before.clone() };
        let key = keys::revocation(subject, ended.connection_id);
        let kept = at.plus_seconds(limits::CONNECTION_KEPT_SECONDS);
        let mut record = item_until(&key, REVOCATION, &ended, kept)?;
        record.insert(SEALED.into(), blob(sealed));
        record.insert(PENDING_PK.into(), text(PENDING_CONNECTIONS));
        record.insert(PENDING_AT.into(), number(at.millis()));
        Ok(self.put(Guard::Connection, record, None, vec![]))
    }
}
