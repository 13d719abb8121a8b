//! Linked accounts: one item per person and provider; a refresh token is used by one holder of its lease.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use countersign_core::{
    Moment, Sealed, Subject,
    connection::{Connection, Lease, Status},
    limits,
    messaging::OutMessage,
    policy::Permit,
};

use crate::{
    Beside, Guard, Store, StoreError,
    items::{item, read},
    keys::{self, PENDING_AT, PENDING_CONNECTIONS, PENDING_PK, PK, SK},
    table::Item,
    transaction::{Transaction, Values, number, text},
};

/// The attribute of the sealed token set.
pub(crate) const SEALED: &str = "sealed";
/// The consent is the one that was read, and still good as far as the table knows.
const LIVE: &str = "connection_id = :id AND standing IN (:healthy, :failing)";
/// Whoever writes holds the refresh token.
const HELD: &str = "connection_id = :id AND standing IN (:healthy, :failing) AND lease_by = :by";

impl Store {
    /// The connections of a person, by provider.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn connections(&self, permit: &Permit) -> Result<Vec<Connection>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
            .expression_attribute_values(":pk", text(keys::subject_partition(permit.subject())))
            .expression_attribute_values(":prefix", text(keys::CONNECTION_PREFIX))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        answer.items.unwrap_or_default().into_iter().map(connection).collect()
    }

    /// The connection of a person to a provider.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn connection(&self, subject: Subject, provider: &str) -> Result<Option<Connection>, StoreError> {
        self.get(&keys::connection(subject, provider)).await?.map(connection).transpose()
    }

    /// Puts a connection in the place of the one to the same provider that was read, and closes the redemption that brought
    /// it. Tokens of before that can be revoked beside the new ones are due to be, at once, in a record of their own.
    ///
    /// # Errors
    /// [`Guard::Redemption`] where the schedule has closed it and told the person to begin again, [`Guard::Connection`] where
    /// another connection than that one is there by now.
    pub async fn commit_connection(
        &self,
        permit: &Permit,
        new: &Connection,
        replaced: Option<&Connection>,
        code_name: &str,
    ) -> Result<(), StoreError> {
        let subject = permit.subject();
        let mut stored = item(&keys::connection(subject, &new.provider), "connection", new)?;
        if let Some(sealed) = &new.sealed {
            stored.insert(SEALED.into(), blob(sealed));
        }
        if let Some(at) = new.next_notice_at() {
            stored.insert(PENDING_PK.into(), text(PENDING_CONNECTIONS));
            stored.insert(PENDING_AT.into(), number(at.millis()));
        }
        let (condition, values) = match replaced {
            None => ("attribute_not_exists(pk)", vec![]),
            Some(before) => (
                "connection_id = :id AND refreshes = :refreshes",
                vec![(":id", number(before.connection_id)), (":refreshes", number(before.refreshes))],
            ),
        };
        let put = Transaction::new(self).put(Guard::Connection, stored, Some(condition), values);
        put.revoke_replaced(subject, replaced, new.issued_at)?.close_redemption(subject, code_name).commit().await
    }

    /// Takes the lease of the refresh token that was read; false where it is held, or is not that one any more.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn take_lease(
        &self,
        permit: &Permit,
        seen: &Connection,
        lease: Lease,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut values = live(seen);
        values.extend([
            (":by", number(lease.by)),
            (":until", number(lease.until.millis())),
            (":now", number(now.millis())),
            (":refreshes", number(seen.refreshes)),
        ]);
        // The SDK's own second try finds the lease of the first one, and it is ours.
        let free = "(attribute_not_exists(lease_until) OR lease_until <= :now OR lease_by = :by)";
        let condition = format!("{LIVE} AND refreshes = :refreshes AND {free}");
        let update = "SET lease_by = :by, lease_until = :until";
        let taken = self.on_connection(permit.subject(), seen, update, &condition, values).commit().await;
        match taken {
            Ok(()) => Ok(true),
            Err(error) if error.failed(Guard::Connection) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes what a refresh brought, and gives the lease back.
    ///
    /// # Errors
    /// [`Guard::Connection`] where the lease is another's by now, or the connection ended meanwhile.
    pub async fn commit_refreshed(&self, permit: &Permit, after: &Connection, by: u64) -> Result<(), StoreError> {
        let sealed = after.sealed.as_ref().ok_or_else(|| StoreError::Unreadable("no tokens".into()))?;
        let mut values = held(after, by);
        values.extend([
            (":sealed", blob(sealed)),
            (":issued_at", number(after.issued_at.millis())),
            (":refreshes", number(after.refreshes)),
        ]);
        let mut update =
            String::from("SET sealed = :sealed, issued_at = :issued_at, refreshes = :refreshes, standing = :healthy");
        match after.access_until {
            Some(until) => {
                update.push_str(", access_until = :access_until REMOVE lease_by, lease_until");
                values.push((":access_until", number(until.millis())));
            }
            None => update.push_str(" REMOVE lease_by, lease_until, access_until"),
        }
        self.on_connection(permit.subject(), after, &update, HELD, values).commit().await
    }

    /// Notes that a refresh brought no answer, and gives the lease back.
    ///
    /// # Errors
    /// [`Guard::Connection`] where the lease is another's by now.
    pub async fn commit_failing(&self, permit: &Permit, seen: &Connection, by: u64) -> Result<(), StoreError> {
        let update = "SET standing = :failing REMOVE lease_by, lease_until";
        self.on_connection(permit.subject(), seen, update, HELD, held(seen, by)).commit().await
    }

    /// Notes that the provider has ended the consent, and tells the person, once.
    ///
    /// # Errors
    /// [`Guard::Connection`] where the lease is another's by now: somebody else knows better.
    pub async fn commit_refused(
        &self,
        permit: &Permit,
        seen: &Connection,
        by: u64,
        told: &OutMessage,
    ) -> Result<(), StoreError> {
        let mut values = held(seen, by);
        values.push((":over", text(Status::NeedsConsent.as_str())));
        self.on_connection(permit.subject(), seen, OVER, HELD, values).tell(told)?.commit().await
    }

    /// Ends a connection for its person: from now on no token of it is handed out. Where the provider can revoke it, that
    /// is due at `revocation`, and the tokens stay sealed until it has happened.
    ///
    /// # Errors
    /// [`Guard::Connection`] where it is not that one any more or was ended before; the guards of what it comes beside.
    pub async fn commit_revoked(
        &self,
        permit: &Permit,
        seen: &Connection,
        at: Moment,
        revocation: Option<Moment>,
        beside: Beside<'_>,
    ) -> Result<(), StoreError> {
        let mut values = vec![
            (":id", number(seen.connection_id)),
            (":revoked", text(Status::Revoked.as_str())),
            (":at", number(at.millis())),
            (":kept", number(at.plus_seconds(limits::CONNECTION_KEPT_SECONDS).seconds())),
        ];
        let mut update = String::from("SET standing = :revoked, revoked_at = :at, expires_at = :kept");
        if let Some(due) = revocation {
            update.push_str(", pending_pk = :pending, pending_at = :next REMOVE lease_by, lease_until");
            values.push((":pending", text(PENDING_CONNECTIONS)));
            values.push((":next", number(due.millis())));
        } else {
            update.push_str(" REMOVE lease_by, lease_until, sealed, pending_pk, pending_at");
        }
        let condition = "connection_id = :id AND standing <> :revoked";
        self.on_connection(permit.subject(), seen, &update, condition, values).beside(beside)?.commit().await
    }

    /// Gives a connection the name that its person wants for it.
    ///
    /// # Errors
    /// [`Guard::Connection`] where it is not that one any more; the guards of what it comes beside.
    pub async fn commit_named(
        &self,
        permit: &Permit,
        seen: &Connection,
        name: &str,
        beside: Beside<'_>,
    ) -> Result<(), StoreError> {
        let values = vec![(":id", number(seen.connection_id)), (":label", text(name))];
        let named = self.on_connection(permit.subject(), seen, "SET label = :label", "connection_id = :id", values);
        named.beside(beside)?.commit().await
    }

    pub(crate) fn on_connection(
        &self,
        subject: Subject,
        seen: &Connection,
        update: &str,
        condition: &str,
        values: Values,
    ) -> Transaction<'_> {
        let key = keys::connection(subject, &seen.provider);
        Transaction::new(self).update(Guard::Connection, &key, update, condition, values)
    }
}

/// The consent is over: its tokens are of no use to anybody.
pub(crate) const OVER: &str = "SET standing = :over REMOVE sealed, lease_by, lease_until, pending_pk, pending_at";

/// The values of [`LIVE`].
pub(crate) fn live(seen: &Connection) -> Values {
    vec![
        (":id", number(seen.connection_id)),
        (":healthy", text(Status::Healthy.as_str())),
        (":failing", text(Status::RefreshFailing.as_str())),
    ]
}

/// The values of [`HELD`].
fn held(seen: &Connection, by: u64) -> Values {
    let mut values = live(seen);
    values.push((":by", number(by)));
    values
}

pub(crate) fn connection(item: Item) -> Result<Connection, StoreError> {
    connection_of(item, "connection")
}

/// The same in an item of another kind.
pub(crate) fn connection_of(mut item: Item, kind: &str) -> Result<Connection, StoreError> {
    let sealed = match item.remove(SEALED) {
        Some(AttributeValue::B(bytes)) => Some(Sealed::new(bytes.into_inner())),
        Some(_) => return Err(StoreError::Unreadable("sealed tokens that are no bytes".into())),
        None => None,
    };
    Ok(Connection { sealed, ..read(item, kind)? })
}

pub(crate) fn blob(sealed: &Sealed) -> AttributeValue {
    AttributeValue::B(Blob::new(sealed.as_bytes()))
}
