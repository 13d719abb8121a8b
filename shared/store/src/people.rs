//! People: their records, as the seed and the import write them.

use countersign_core::{Moment, Person, Profile, Subject, TelegramId, UserId, policy::Permit};

use crate::{Guard, Store, StoreError, admins::is_admin, items::item, keys, transaction::Transaction};

/// A person as an import names them.
#[derive(Clone, Debug)]
pub struct ImportedPerson {
    /// Telegram's id.
    pub telegram_id: TelegramId,
    /// The id to give them where they are new.
    pub user_id: UserId,
    /// When.
    pub at: Moment,
}

/// What is written before anybody can call: for installing and for the local seed. No function uses it.
#[derive(Clone, Copy, Debug)]
pub struct Bootstrap<'a>(pub(crate) &'a Store);

impl Store {
    /// Writes without a permit, because there is nobody yet to give one.
    #[must_use]
    pub fn bootstrap(&self) -> Bootstrap<'_> {
        Bootstrap(self)
    }

    /// Marks that a person came from the old database; makes them where they are new.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn mark_from_old_database(&self, permit: &Permit, imported: &ImportedPerson) -> Result<(), StoreError> {
        let fresh = Person {
            user_id: imported.user_id,
            telegram_id: Some(imported.telegram_id),
            role: "user".into(),
            from_old_database: true,
            created_at: imported.at,
            profile: Profile::default(),
        };
        if self.add_person(&fresh).await? {
            return Ok(());
        }
        let values = vec![(":mark", aws_sdk_dynamodb::types::AttributeValue::Bool(true))];
        let key = keys::person(permit.subject());
        Transaction::new(self)
            .update(Guard::Person, &key, "SET from_old_database = :mark", "attribute_exists(pk)", values)
            .commit()
            .await
    }

    /// Writes a person who is not there yet, and claims their id; false where they are.
    async fn add_person(&self, person: &Person) -> Result<bool, StoreError> {
        let subject = Subject::of(Some(person.user_id), person.telegram_id).unwrap_or(Subject::User(person.user_id));
        let claim = serde_json::json!({ "subject": subject.to_string() });
        let claim = item(&keys::user(person.user_id), "user", claim)?;
        let not_there = Some("attribute_not_exists(pk)");
        let mut transaction = Transaction::new(self)
            .put(Guard::Person, item(&keys::person(subject), "person", person)?, not_there, vec![])
            .put(Guard::User, claim, not_there, vec![]);
        if is_admin(&person.role) {
            transaction = transaction.in_directory(person.user_id, &person.role)?;
        }
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(error) if error.failed(Guard::Person) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl<'a> Bootstrap<'a> {
    pub(crate) fn store(&self) -> &'a Store {
        self.0
    }

    /// Writes a person who is not there yet; false where they are.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn add_person(&self, person: &Person) -> Result<bool, StoreError> {
        self.0.add_person(person).await
    }
}
