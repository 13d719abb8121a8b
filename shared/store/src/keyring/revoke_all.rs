//! The revocation of every client's key: asked for, approved in the very commit that forbids them, and how far it has come.

use countersign_core::{
    Refusal,
    approval::{Asker, Change},
    bot::Contact,
    keyring::{EveryClientPermit, RevokeAll},
    messaging::OutMessage,
};

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    admins::is_admin,
    items::{item, read},
    keys::{self, keyring as of},
    transaction::{Transaction, number, text},
};

impl Store {
    /// The last revocation of every client's key; none where there was none.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn revoke_all(&self) -> Result<Option<RevokeAll>, StoreError> {
        self.get(&of::revoke_all()).await?.map(|item| read(item, "revoke_all")).transpose()
    }

    /// Asks the other admins for it.
    ///
    /// # Errors
    /// [`Guard::Proposal`] or [`Guard::Out`] where an id is taken, [`Guard::Idempotency`] where a twin was first.
    pub async fn commit_revocation_asked(
        &self,
        _permit: &EveryClientPermit,
        change: &Change,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        Transaction::new(self).approval(change)?.keep(kept)?.commit().await
    }

    /// Commits an admin's answer. Where it approves, no key that was entered until then signs from this commit on. Whoever answers
    /// is another than who asked, and still an admin in the very commit.
    pub(crate) async fn commit_revocation_vote(&self, contact: &Contact, change: &Change) -> Result<(), StoreError> {
        let person = contact.person();
        let own = matches!(change.proposal.asker, Asker::KeyRevocation { user_id, .. } if user_id == person.user_id);
        if own || !is_admin(&person.role) {
            return Err(StoreError::Refused(Box::new(another_admin())));
        }
        let still = vec![(":role", text(&person.role)), (":user_id", number(person.user_id))];
        let key = keys::person(contact.subject());
        let mut transaction = Transaction::new(self)
            .claim_update(contact.update_id(), contact.at())?
            .check(Guard::Actor, &key, "#role = :role AND user_id = :user_id", still)
            .approval(change)?;
        if let Some(all) = RevokeAll::approved(change) {
            let later = Some("attribute_not_exists(pk) OR revoked_at <= :at");
            let at = vec![(":at", number(all.revoked_at.millis()))];
            transaction = transaction.put(Guard::RevokeAll, item(&of::revoke_all(), "revoke_all", all)?, later, at);
        }
        match transaction.commit().await {
            Err(error) if error.failed(Guard::Actor) => Err(StoreError::Refused(Box::new(another_admin()))),
            other => other,
        }
    }

    /// Writes down how far it has come; where that is told, with the messages to the admins.
    ///
    /// # Errors
    /// [`Guard::RevokeAll`] where another run was faster, or another revocation has begun.
    pub async fn commit_revocation_walked(
        &self,
        seen: &RevokeAll,
        next: &RevokeAll,
        messages: &[OutMessage],
    ) -> Result<(), StoreError> {
        let as_read = vec![(":approval", number(seen.approval_id)), (":pages", number(seen.pages))];
        let condition = Some("approval_id = :approval AND pages = :pages");
        let mut transaction = Transaction::new(self).put(
            Guard::RevokeAll,
            item(&of::revoke_all(), "revoke_all", next)?,
            condition,
            as_read,
        );
        for message in messages {
            transaction = transaction.tell(message)?;
        }
        transaction.commit().await
    }
}

fn another_admin() -> Refusal {
    Refusal::forbidden("Only another admin approves that all keys are revoked")
}
