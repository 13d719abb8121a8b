//! The directory of admins: who is told of what concerns every client. The role in the person's own record decides.

use countersign_core::{Person, UserId, limits, policy::person_role};
use serde_json::json;

use crate::{
    Guard, Store, StoreError,
    items::item,
    keys::{SK, keyring as of},
    transaction::Transaction,
};

/// How many people one `BatchGetItem` takes.
const BATCH: usize = 100;

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
    /// Those who act for every client and are in Telegram, at most so many. Whoever is no admin any more, is not in Telegram or
    /// cannot be read takes nobody's place; of the directory at most [`limits::ADMINS_READ`] lines are read.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn admins(&self, most: usize) -> Result<Vec<Person>, StoreError> {
        let found = self.all(of::ADMINS, of::ADMIN_PREFIX).await?;
        let id = |sk: &str| sk.strip_prefix(of::ADMIN_PREFIX)?.trim_start_matches('0').parse().ok();
        let ids = found.iter().filter_map(|item| item.get(SK)?.as_s().ok()).filter_map(|sk| id(sk));
        let ids: Vec<UserId> = ids.take(limits::ADMINS_READ).collect();
        let mut admins = Vec::new();
        for part in ids.chunks(BATCH) {
            let people = self.people_of(part).await?;
            admins.extend(people.into_iter().filter(|person| is_admin(&person.role) && person.telegram_id.is_some()));
            if admins.len() >= most {
                break;
            }
        }
        admins.truncate(most);
        Ok(admins)
    }
}
