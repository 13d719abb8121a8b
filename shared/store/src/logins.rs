//! Logins of people: written with the person where they are new, moved along where the person is bound to Telegram.

use countersign_core::{Person, Subject, login::Login, policy::Permit};

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{item, item_until, read},
    keys::{self, PK, SK},
    table::Item,
    transaction::{Transaction, number, text},
};

impl Transaction<'_> {
    /// Adds a login that is not there yet.
    pub(crate) fn add_login(self, subject: Subject, login: &Login) -> Result<Self, StoreError> {
        let record = item_until(&keys::login(subject, login.id), "login", login, login.live_until)?;
        Ok(self.put(Guard::Login, record, Some("attribute_not_exists(pk)"), vec![]))
    }

    /// Takes a login away that must be there.
    pub(crate) fn remove_login(self, subject: Subject, login: &Login) -> Self {
        self.delete(Guard::Login, &keys::login(subject, login.id), "attribute_exists(pk)", vec![])
    }

    /// Adds a person who is not there yet, and claims their id.
    pub(crate) fn add_person(self, subject: Subject, person: &Person) -> Result<Self, StoreError> {
        let claim = item(&keys::user(person.user_id), "user", serde_json::json!({ "subject": subject.to_string() }))?;
        let not_there = Some("attribute_not_exists(pk)");
        Ok(self.put(Guard::Person, item(&keys::person(subject), "person", person)?, not_there, vec![]).put(
            Guard::User,
            claim,
            not_there,
            vec![],
        ))
    }
}

impl Store {
    /// Begins a login; the person is made in the same transaction where they are new.
    ///
    /// # Errors
    /// [`Guard::Person`] where the person's record came, went or changed hands meanwhile, [`Guard::User`] and
    /// [`Guard::Login`] where an id is taken, [`Guard::Idempotency`] where a twin was first.
    pub async fn commit_login(
        &self,
        permit: &Permit,
        person: &Person,
        is_new: bool,
        login: &Login,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let subject = permit.subject();
        let begun = Transaction::new(self);
        let begun = if is_new {
            begun.add_person(subject, person)?
        } else {
            let same = vec![(":user_id", number(person.user_id))];
            begun.check(Guard::Person, &keys::person(subject), "user_id = :user_id", same)
        };
        begun.add_login(subject, login)?.keep(kept)?.commit().await
    }

    /// The newest logins of a person, at most so many.
    pub(crate) async fn logins(&self, subject: Subject, most: usize) -> Result<Vec<Login>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
            .expression_attribute_values(":pk", text(keys::subject_partition(subject)))
            .expression_attribute_values(":prefix", text(keys::LOGIN_PREFIX))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let items: Vec<Item> = answer.items.unwrap_or_default();
        items.into_iter().map(|item| read(item, "login")).collect()
    }
}
