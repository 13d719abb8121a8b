//! The directory of admins: who is told of what concerns every client. The role in the person's own record decides.

use countersign_core::{Person, UserId, policy::person_role};
use serde_json::json;

use crate::{
    Guard, Store, StoreError,
    items::item,
    keys::{SK, keyring as of},
    transaction::Transaction,
};

/// A condition that always holds.
const ALWAYS: &str = "attribute_exists(pk) OR attribute_not_exists(pk)";

/// Whether a role acts for every client.
pub(crate) fn is_admin(role: &str) -> bool {
    person_role(role).is_some_and(|role| role.acts_for_clients)
}

impl Transaction<'_> {
    /// Keeps the directory with a change of somebody's role.
    pub(crate) fn in_directory(self, user: UserId, role: &str) -> Result<Self, StoreError> {
        let key = of::admin(user);
        if is_admin(role) {
            return Ok(self.put(Guard::Directory, item(&key, "admin", json!({}))?, None, vec![]));
        }
        Ok(self.delete(Guard::Directory, &key, ALWAYS, vec![]))
    }
}

impl Store {
    /// Those who act for every client, at most so many, in no order.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn admins(&self, most: usize) -> Result<Vec<Person>, StoreError> {
        let found = self.all(of::ADMINS, of::ADMIN_PREFIX).await?;
        let id = |sk: &str| sk.strip_prefix(of::ADMIN_PREFIX)?.trim_start_matches('0').parse().ok();
        let ids = found.iter().filter_map(|item| item.get(SK)?.as_s().ok()).filter_map(|sk| id(sk));
        let ids: Vec<UserId> = ids.take(most).collect();
        let mut people = self.people_of(&ids).await?;
        people.retain(|person| is_admin(&person.role));
        Ok(people)
    }
}
