//! What is due of linked accounts: reminders, consents that ended by date, redemptions and revocations without an outcome.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{
    ConnectionId, Moment, Subject,
    connection::{Connection, Status},
    messaging::OutMessage,
};

use crate::{
    Guard, Store, StoreError,
    connections::{OVER, live},
    keys::{self, Key, PENDING_AT, PENDING_CONNECTIONS},
    table::Item,
    transaction::{Transaction, number, text},
};

/// Something of a linked account that is due, as the index says.
#[derive(Clone, Debug)]
pub struct DueConnection {
    /// Whose.
    pub subject: Subject,
    /// What.
    pub what: DueOf,
    key: Key,
    due_at: Moment,
}

/// What is due.
#[derive(Clone, Debug)]
pub enum DueOf {
    /// A connection: look at it.
    Connection {
        /// To which provider.
        provider: String,
    },
    /// A code that was taken and brought nothing: its person waits.
    Redemption {
        /// The hash of the code's id.
        code_name: String,
    },
    /// Tokens of before a new consent, to be revoked.
    Revocation {
        /// The consent that they came of.
        connection_id: ConnectionId,
    },
}

impl DueConnection {
    fn of(found: &Item) -> Option<Self> {
        let key = Key::of(found)?;
        let subject = keys::subject_of(&key.pk)?;
        let due_at = found.get(PENDING_AT).and_then(|at| at.as_n().ok()).and_then(|at| at.parse().ok());
        let due_at = Moment::from_millis(due_at?);
        let what = if let Some(provider) = key.sk.strip_prefix(keys::CONNECTION_PREFIX) {
            DueOf::Connection { provider: provider.to_owned() }
        } else if let Some(id) = key.sk.strip_prefix(keys::REVOCATION_PREFIX) {
            DueOf::Revocation { connection_id: id.trim_start_matches('0').parse().ok()? }
        } else {
            DueOf::Redemption { code_name: key.sk.strip_prefix(keys::REDEMPTION_PREFIX)?.to_owned() }
        };
        Some(Self { subject, what, key, due_at })
    }
}

impl Store {
    /// What has been due since before `now`, oldest first, at most `most`. The index is eventually consistent: the items
    /// themselves decide.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn due_connections(&self, now: Moment, most: i32) -> Result<Vec<DueConnection>, StoreError> {
        Ok(self.due(PENDING_CONNECTIONS, now, most).await?.iter().filter_map(DueConnection::of).collect())
    }

    /// What could not be done is due once more at `next`, so that it keeps nothing else from its turn. What has changed
    /// meanwhile stays as it is.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn put_off(&self, due: &DueConnection, next: Moment) -> Result<(), StoreError> {
        let values = vec![(":before", number(due.due_at.millis())), (":next", number(next.millis()))];
        let put_off = Transaction::new(self)
            .update(Guard::Connection, &due.key, "SET pending_at = :next", "pending_at = :before", values)
            .commit()
            .await;
        match put_off {
            Err(error) if error.failed(Guard::Connection) => Ok(()),
            other => other,
        }
    }

    /// Writes down that a person was reminded, and reminds them, in one.
    ///
    /// # Errors
    /// [`Guard::Connection`] where the connection changed or somebody was faster.
    pub async fn commit_reminded(
        &self,
        subject: Subject,
        seen: &Connection,
        days: u32,
        told: &OutMessage,
    ) -> Result<(), StoreError> {
        let reminded = Connection { reminded_days: Some(days), ..seen.clone() };
        let mut values = live(seen);
        values.push((":days", number(days)));
        values.push((":next", number(reminded.next_notice_at().map_or(0, Moment::millis))));
        let before = match seen.reminded_days {
            Some(before) => {
                values.push((":before", number(before)));
                "reminded_days = :before"
            }
            None => "attribute_not_exists(reminded_days)",
        };
        let condition = format!("connection_id = :id AND standing IN (:healthy, :failing) AND {before}");
        let update = "SET reminded_days = :days, pending_at = :next";
        self.on_connection(subject, seen, update, &condition, values).tell(told)?.commit().await
    }

    /// Writes down that a consent has ended by date, and tells the person, in one.
    ///
    /// # Errors
    /// [`Guard::Connection`] where the connection changed or somebody was faster.
    pub async fn commit_ended(
        &self,
        subject: Subject,
        seen: &Connection,
        now: Moment,
        told: &OutMessage,
    ) -> Result<(), StoreError> {
        let mut values = live(seen);
        values.push((":over", text(Status::NeedsConsent.as_str())));
        values.push((":now", number(now.millis())));
        let condition = "connection_id = :id AND standing IN (:healthy, :failing) AND ends_at <= :now";
        self.on_connection(subject, seen, OVER, condition, values).tell(told)?.commit().await
    }

    /// Closes a redemption that nobody will finish any more, and tells the person, in one.
    ///
    /// # Errors
    /// [`Guard::Redemption`] where it is closed.
    pub async fn commit_redemption_lost(
        &self,
        subject: Subject,
        code_name: &str,
        told: &OutMessage,
    ) -> Result<(), StoreError> {
        Transaction::new(self).close_redemption(subject, code_name).tell(told)?.commit().await
    }

    /// A revocation has its outcome: the tokens are thrown away. With `again` it has none, and is due once more then.
    ///
    /// # Errors
    /// [`Guard::Connection`] where the person has linked the account anew.
    pub async fn commit_revocation(
        &self,
        subject: Subject,
        seen: &Connection,
        again: Option<Moment>,
    ) -> Result<(), StoreError> {
        let mut values: Vec<(&'static str, AttributeValue)> =
            vec![(":id", number(seen.connection_id)), (":revoked", text(Status::Revoked.as_str()))];
        let update = match again {
            Some(at) => {
                values.push((":next", number(at.millis())));
                "SET pending_at = :next"
            }
            None => "REMOVE sealed, pending_pk, pending_at",
        };
        let condition = "connection_id = :id AND standing = :revoked";
        self.on_connection(subject, seen, update, condition, values).commit().await
    }
}
