//! Platform roles of people: changed by an admin who still is one when the change commits.

use countersign_core::{Subject, UserId, policy::Permit};

use crate::{
    Guard, KeptAnswer, Store, StoreError, keys,
    transaction::{Transaction, text},
};

/// A change of a person's role.
#[derive(Clone, Copy, Debug)]
pub struct RoleChange<'a> {
    /// Whose.
    pub subject: Subject,
    /// Their id: a binding that came between has another record.
    pub user_id: UserId,
    /// The role that the admin had when it was read, and that let them.
    pub admin_role: &'a str,
    /// The new role.
    pub role: &'a str,
}

impl Store {
    /// The subject under which a person's records are kept.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn subject_of(&self, id: UserId) -> Result<Option<Subject>, StoreError> {
        let found = self.get(&keys::user(id)).await?;
        let subject = found.as_ref().and_then(|item| item.get("subject")).and_then(|subject| subject.as_s().ok());
        Ok(subject.and_then(|subject| Subject::parse(subject)))
    }

    /// Gives a person a role. Nobody changes their own, and whoever changes another's still has the role that lets them:
    /// so there is always an admin left, whatever two of them do at the same moment.
    ///
    /// # Errors
    /// [`Guard::Actor`] where the admin has lost the role meanwhile, [`Guard::Person`] where the person is not there,
    /// [`Guard::Idempotency`].
    pub async fn commit_role(
        &self,
        permit: &Permit,
        change: &RoleChange<'_>,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let own = vec![(":admin_role", text(change.admin_role))];
        let values = vec![(":role", text(change.role)), (":user_id", crate::transaction::number(change.user_id))];
        Transaction::new(self)
            .check(Guard::Actor, &keys::person(permit.subject()), "#role = :admin_role", own)
            .update(Guard::Person, &keys::person(change.subject), "SET #role = :role", "user_id = :user_id", values)
            .in_directory(change.user_id, change.role)?
            .keep(kept)?
            .commit()
            .await
    }
}
