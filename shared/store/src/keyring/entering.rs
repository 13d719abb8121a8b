//! Keys: entered, staged, switched, revoked. One write changes what every bot of the client signs with.

use countersign_core::{
    ClientId, Sealed,
    keyring::{Bot, ClientKey, ClientPermit, Heartbeat, KeyClaim, KeyStanding, KeyVersion, StagedKey},
};

use super::{
    facts::Owner,
    items::{KeyringAlong, NEW, key_item, stage_item},
};
use crate::{
    Guard, Store, StoreError,
    items::item,
    keys::{PENDING_AT, PENDING_PK, keyring as of},
    transaction::{Transaction, Values, number, text},
};

/// A condition that always holds.
const ALWAYS: &str = "attribute_exists(pk) OR attribute_not_exists(pk)";

/// A key that becomes the current one.
#[derive(Debug)]
pub struct NewKey<'a> {
    /// The key's record as it was read; none: there was none.
    pub seen: Option<&'a ClientKey>,
    /// As it is written.
    pub next: &'a ClientKey,
    /// Its sealed bytes.
    pub sealed: &'a Sealed,
    /// The stage that it comes from; none: it is the first, or the first after a revocation.
    pub stage: Option<&'a str>,
}

impl Store {
    /// Makes a key the current one, with the bots that are made with it. From this commit on every bot signs with it, and the one
    /// before is gone.
    ///
    /// # Errors
    /// [`Guard::ClientKey`] where the key changed since it was read, [`Guard::Stage`] where another request has staged a key
    /// meanwhile, [`Guard::KeyClaim`] where the key is or was somebody's, [`Guard::RevokeAll`] where every client's key was revoked
    /// since this one or the one before it was entered, [`Guard::Bot`], [`Guard::Idempotency`].
    pub async fn commit_key(
        &self,
        permit: &ClientPermit,
        new: &NewKey<'_>,
        bots: &[(&Bot, &Heartbeat)],
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        let client = own(permit, new.next.client_id)?;
        let (condition, values) = as_read(new.seen);
        let facts = &new.next.facts;
        let claim = KeyClaim { client_id: client, version: facts.version };
        let version = KeyVersion { facts: facts.clone(), ended_at: None, ending: None };
        let mut transaction = Transaction::new(self)
            .put(Guard::ClientKey, key_item(new.next, Some(new.sealed))?, Some(condition), values)
            .put(Guard::KeyClaim, item(&of::claim(&facts.fingerprint), "key_claim", claim)?, NEW, vec![])
            .put(Guard::ClientKey, item(&of::version(client, facts.version), "key_version", version)?, NEW, vec![]);
        if let Some(stage) = new.stage {
            transaction =
                transaction.delete(Guard::Stage, &of::staged(client), "stage = :stage", vec![(":stage", text(stage))]);
        }
        if let Some(seen) = new.seen.filter(|seen| seen.standing == KeyStanding::Active) {
            transaction = transaction.end_version(client, seen, "retired", facts.entered_at.millis());
        }
        for (bot, heartbeat) in bots {
            transaction = transaction.new_bot(bot, heartbeat)?;
        }
        transaction.not_revoked_with_all(new).along(along)?.commit().await
    }

    /// Writes what goes along with a change where there is none: the key is the current one already.
    ///
    /// # Errors
    /// [`Guard::Idempotency`] where a twin was first, [`Guard::KeyForm`] where the form was used.
    pub async fn commit_nothing_new(&self, _permit: &ClientPermit, along: KeyringAlong<'_>) -> Result<(), StoreError> {
        if along.kept.is_none() && along.form.is_none() {
            return Ok(());
        }
        Transaction::new(self).along(along)?.commit().await
    }

    /// Keeps a key that is to become the current one, in place of whatever was staged before.
    ///
    /// # Errors
    /// [`Guard::ClientKey`] where the current key changed since it was read.
    pub async fn stage_key(
        &self,
        permit: &ClientPermit,
        seen: &ClientKey,
        staged: &StagedKey,
        sealed: &Sealed,
    ) -> Result<(), StoreError> {
        let client = own(permit, seen.client_id)?;
        Transaction::new(self)
            .while_key(seen)
            .put(Guard::Stage, stage_item(client, staged, sealed)?, None, vec![])
            .commit()
            .await
    }

    /// Revokes a client's key: nothing signs from this commit on, and no bot of it runs, however many there are. It hangs on the
    /// key's own record alone; whatever stands under its version is written anew.
    ///
    /// # Errors
    /// [`Guard::ClientKey`] where the key changed since it was read, [`Guard::Idempotency`].
    pub async fn commit_key_revoked(
        &self,
        permit: &ClientPermit,
        seen: &ClientKey,
        next: &ClientKey,
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        let client = own(permit, next.client_id)?;
        let (facts, ended_at, ending) = (seen.facts.clone(), next.revoked_at, Some("revoked".to_owned()));
        let version = item(&of::version(client, facts.version), "key_version", KeyVersion { facts, ended_at, ending })?;
        let (condition, values) = as_read(Some(seen));
        Transaction::new(self)
            .put(Guard::ClientKey, key_item(next, None)?, Some(condition), values)
            .put(Guard::ClientKey, version, None, vec![])
            .delete(Guard::Stage, &of::staged(client), ALWAYS, vec![])
            .along(along)?
            .commit()
            .await
    }

    /// Gives a key another end; its people are warned of that one anew.
    ///
    /// # Errors
    /// [`Guard::ClientKey`] where the key changed since it was read, [`Guard::Idempotency`], [`Guard::KeyForm`] where the form was
    /// used.
    pub async fn commit_key_end(
        &self,
        permit: &ClientPermit,
        (seen, next): (&ClientKey, &ClientKey),
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        let client = own(permit, next.client_id)?;
        let (condition, mut values) = as_read(Some(seen));
        let (end, due) = next.facts.ends_at.zip(next.due_at()).ok_or_else(|| {
            StoreError::Unreadable("a new end of a key that is none, or of which nobody would be warned".into())
        })?;
        let set_end = "SET ends_at = :end";
        let ends = vec![(":end", number(end.millis()))];
        values.extend(ends.iter().cloned());
        values.extend([(":due", number(due.millis())), (":pending", text(of::PENDING_KEYRING))]);
        let update = format!("{set_end}, {PENDING_PK} = :pending, {PENDING_AT} = :due REMOVE warned_days");
        Transaction::new(self)
            .update(Guard::ClientKey, &of::key(client), &update, condition, values)
            .update(Guard::ClientKey, &of::version(client, seen.facts.version), set_end, "attribute_exists(pk)", ends)
            .along(along)?
            .commit()
            .await
    }

    /// Writes down what people were told of a key: nothing of the key itself changes.
    ///
    /// # Errors
    /// [`Guard::ClientKey`] where the key changed since it was read.
    pub async fn commit_key_told(
        &self,
        seen: &ClientKey,
        next: &ClientKey,
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        let (condition, mut values) = as_read(Some(seen));
        values.push((":overdue_told", aws_sdk_dynamodb::types::AttributeValue::Bool(next.overdue_told)));
        let mut update = "SET overdue_told = :overdue_told".to_owned();
        if let Some(days) = next.warned_days {
            values.push((":days", number(days)));
            update.push_str(", warned_days = :days");
        }
        match next.due_at() {
            Some(at) => {
                values.push((":due", number(at.millis())));
                update.push_str(", pending_at = :due");
            }
            None => update.push_str(" REMOVE pending_pk, pending_at"),
        }
        let told_before = match seen.warned_days {
            Some(days) => {
                values.push((":before", number(days)));
                "warned_days = :before"
            }
            None => "attribute_not_exists(warned_days)",
        };
        let condition = format!("{condition} AND {told_before}");
        Transaction::new(self)
            .update(Guard::ClientKey, &of::key(seen.client_id), &update, &condition, values)
            .along(along)?
            .commit()
            .await
    }
}

/// A permit for another client is a fault of ours.
pub(super) fn own(permit: &ClientPermit, client: ClientId) -> Result<ClientId, StoreError> {
    permit.check(client).map_err(|refusal| StoreError::Refused(Box::new(refusal)))?;
    Ok(client)
}

/// The key is as it was read: its version, how it stands, how many were revoked, and when it ends.
fn as_read(seen: Option<&ClientKey>) -> (&'static str, Values) {
    let Some(seen) = seen else { return ("attribute_not_exists(pk)", vec![]) };
    let standing = match seen.standing {
        KeyStanding::Active => "active",
        KeyStanding::Revoked => "revoked",
    };
    let mut values =
        vec![(":seen", number(seen.facts.version)), (":standing", text(standing)), (":epoch", number(seen.epoch))];
    let Some(end) = seen.facts.ends_at else {
        return (
            "version = :seen AND standing = :standing AND epoch = :epoch AND attribute_not_exists(ends_at)",
            values,
        );
    };
    values.push((":seen_end", number(end.millis())));
    ("version = :seen AND standing = :standing AND epoch = :epoch AND ends_at = :seen_end", values)
}

impl Transaction<'_> {
    /// The client's key is the one that was read.
    pub(super) fn while_key(self, seen: &ClientKey) -> Self {
        let (condition, values) = as_read(Some(seen));
        self.check(Guard::ClientKey, &of::key(seen.client_id), condition, values)
    }

    /// Every client's key was not revoked meanwhile: neither the key that is entered is one of those, nor the one whose bots it
    /// would bring back.
    fn not_revoked_with_all(self, new: &NewKey<'_>) -> Self {
        let replaced = new.seen.filter(|seen| seen.standing == KeyStanding::Active);
        let entered = replaced.unwrap_or(new.next).facts.entered_at.min(new.next.facts.entered_at);
        let condition = "attribute_not_exists(pk) OR revoked_at < :entered_at";
        self.check(Guard::RevokeAll, &of::revoke_all(), condition, vec![(":entered_at", number(entered.millis()))])
    }

    fn end_version(self, client: ClientId, seen: &ClientKey, ending: &str, at_millis: i64) -> Self {
        let values = vec![(":ending", text(ending)), (":at", number(at_millis))];
        let update = "SET ending = :ending, ended_at = :at";
        self.update(Guard::ClientKey, &of::version(client, seen.facts.version), update, "attribute_exists(pk)", values)
    }

    /// Adds a new bot, its place in the directory, and what is known of its heartbeats.
    pub(super) fn new_bot(self, bot: &Bot, heartbeat: &Heartbeat) -> Result<Self, StoreError> {
        let (owner, entry) = (Owner { client_id: bot.client_id }, Owner { client_id: bot.client_id });
        let owner = item(&of::bot_owner(bot.id), "bot_owner", owner)?;
        let entry = item(&of::bot_entry(bot.id), "bot_entry", entry)?;
        self.put_bot(bot)?
            .put_heartbeat(heartbeat)
            .map(|transaction| transaction.put(Guard::Bot, owner, NEW, vec![]).put(Guard::Bot, entry, NEW, vec![]))
    }
}
