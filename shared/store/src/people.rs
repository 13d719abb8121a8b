//! People and services: their records, as the seed, the import and the admin write them.

use countersign_core::{
    Moment, Person, Refusal, ServiceId, Subject, TelegramId, UserId,
    gate::{ReplayClaim, StoredService},
    registry::Registry,
};

use crate::{
    Guard, Store, StoreError,
    items::{item, read},
    keys,
    transaction::Transaction,
};

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

impl Store {
    /// Reads a person.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn person(&self, subject: Subject) -> Result<Option<Person>, StoreError> {
        self.get(&keys::person(subject)).await?.map(|item| read(item, "person")).transpose()
    }

    /// Writes a person who is not there yet; false where they are.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn add_person(&self, person: &Person) -> Result<bool, StoreError> {
        let subject = Subject::of(Some(person.user_id), person.telegram_id).unwrap_or(Subject::User(person.user_id));
        self.put_new(item(&keys::person(subject), "person", person)?).await
    }

    /// Marks that a person came from the old database; makes them where they are new. Returns the record.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn mark_from_old_database(&self, imported: &ImportedPerson) -> Result<Person, StoreError> {
        let subject = Subject::Telegram(imported.telegram_id);
        let fresh = Person {
            user_id: imported.user_id,
            telegram_id: Some(imported.telegram_id),
            role: "user".into(),
            from_old_database: true,
            created_at: imported.at,
        };
        if self.add_person(&fresh).await? {
            return Ok(fresh);
        }
        let values = vec![(":mark", aws_sdk_dynamodb::types::AttributeValue::Bool(true))];
        Transaction::new(self)
            .update(
                Guard::Person,
                &keys::person(subject),
                "SET from_old_database = :mark",
                "attribute_exists(pk)",
                values,
            )
            .commit()
            .await?;
        self.person(subject).await?.ok_or(StoreError::Condition(Guard::Person))
    }

    /// Writes a service that is not there yet; false where it is.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn add_service(&self, service: &StoredService) -> Result<bool, StoreError> {
        self.put_new(item(&keys::service(service.id), "service", service)?).await
    }
}

impl Registry for Store {
    async fn service(&self, id: ServiceId) -> Result<Option<StoredService>, Refusal> {
        let found = self.get(&keys::service(id)).await?;
        Ok(found.map(|item| read(item, "service")).transpose()?)
    }

    async fn claim(&self, claim: &ReplayClaim) -> Result<bool, Refusal> {
        Ok(self.claim_replay(claim).await?)
    }
}
