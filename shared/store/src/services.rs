//! Services: their records, the directory that lists them, their credentials and their end.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{
    Moment, Refusal, ServiceId,
    gate::{ReplayClaim, StoredService},
    limits,
    policy::{Permit, ServicePermit},
    registry::Registry,
    services::ServiceEntry,
};

use crate::{
    Bootstrap, Guard, KeptAnswer, Page, Store, StoreError,
    commands::CommandList,
    items::{item, read},
    keys::{self, SK},
    lists::{read_cursor, write_cursor},
    table::Item,
    transaction::{Transaction, Values, number},
};

/// How many keys one `BatchGetItem` takes.
const BATCH: usize = 100;
/// Nothing has changed since it was read, and it is not disabled.
const AS_READ: &str = "client_versions = :seen AND disabled = :no";

/// A service with its entry in the directory.
#[derive(Clone, Debug)]
pub struct ListedService {
    /// What the gate reads.
    pub service: StoredService,
    /// When it was made, by whom.
    pub entry: ServiceEntry,
}

impl Store {
    /// Writes a new service.
    ///
    /// # Errors
    /// [`Guard::Service`] where the id is taken, [`Guard::Idempotency`] where a twin was first.
    pub async fn commit_service(
        &self,
        _permit: &Permit,
        new: &ListedService,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let not_there = Some("attribute_not_exists(pk)");
        Transaction::new(self)
            .put(Guard::Service, record(&new.service)?, not_there, vec![])
            .put(Guard::Service, entry(&new.entry)?, not_there, vec![])
            .keep(kept)?
            .commit()
            .await
    }

    /// Reads a service, whoever it is: an admin's permit, or its own.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn listed_service(&self, permit: &ServicePermit) -> Result<Option<ListedService>, StoreError> {
        let id = permit.service_id();
        let found = self.get_batch(&[keys::service(id), keys::service_entry(id)]).await?;
        let (mut service, mut listed) = (None, None);
        for item in found {
            match item.get(SK).and_then(|sk| sk.as_s().ok()).map(String::as_str) {
                Some("SERVICE") => service = Some(read::<StoredService>(item, "service")?),
                _ => listed = Some(read::<ServiceEntry>(item, "service_entry")?),
            }
        }
        Ok(service.zip(listed).map(|(service, entry)| ListedService { service, entry }))
    }

    /// The services, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn listed_services(
        &self,
        _permit: &Permit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<ListedService>, StoreError> {
        let start = cursor.map(read_cursor).transpose()?.map(keys::service_entry);
        let (found, more) = self.newest(keys::SERVICES, keys::SERVICE_PREFIX, limit, start).await?;
        let entries: Vec<ServiceEntry> =
            found.into_iter().map(|item| read(item, "service_entry")).collect::<Result<_, _>>()?;
        let mut services = Vec::with_capacity(entries.len());
        for part in entries.chunks(BATCH) {
            let keys: Vec<_> = part.iter().map(|entry| keys::service(entry.id)).collect();
            for item in self.get_batch(&keys).await? {
                services.push(read::<StoredService>(item, "service")?);
            }
        }
        let next_cursor = entries.last().filter(|_| more).map(|last| write_cursor(last.id));
        let listed = |entry: ServiceEntry| {
            let service = services.iter().find(|service| service.id == entry.id)?.clone();
            Some(ListedService { service, entry })
        };
        Ok(Page { items: entries.into_iter().filter_map(listed).collect(), next_cursor })
    }

    /// Changes a service's credentials from what was `seen` to what is `next`.
    ///
    /// # Errors
    /// [`Guard::Service`] where they changed meanwhile or the service ended, [`Guard::Idempotency`].
    pub async fn commit_rotation(
        &self,
        permit: &ServicePermit,
        seen: &StoredService,
        next: &StoredService,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let mut values = as_read(seen)?;
        values.push((":keys", serde_dynamo::to_attribute_value(&next.key_hashes)?));
        values.push((":versions", serde_dynamo::to_attribute_value(&next.client_versions)?));
        values.push((":last", number(next.last_version)));
        let update = "SET key_hashes = :keys, client_versions = :versions, last_version = :last";
        Transaction::new(self)
            .update(Guard::Service, &keys::service(permit.service_id()), update, AS_READ, values)
            .keep(kept)?
            .commit()
            .await
    }

    /// Ends a service: from this commit on no credential of it is good, and its commands are gone.
    ///
    /// # Errors
    /// [`Guard::Service`] where it has ended, [`Guard::CommandList`] where its commands changed meanwhile,
    /// [`Guard::Idempotency`].
    pub async fn commit_service_end(
        &self,
        permit: &ServicePermit,
        commands: &CommandList,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let values = vec![(":no", AttributeValue::Bool(false)), (":yes", AttributeValue::Bool(true))];
        let key = keys::service(permit.service_id());
        Transaction::new(self)
            .update(Guard::Service, &key, "SET disabled = :yes", "disabled = :no", values)
            .replace_commands(permit.service_id(), commands, &[])?
            .keep(kept)?
            .commit()
            .await
    }

    /// Writes down when a service called, where that was not done within the hour.
    async fn write_last_use(&self, id: ServiceId, at: Moment) -> Result<(), StoreError> {
        let before = at.plus_seconds(-limits::LAST_USE_SECONDS);
        let values = vec![(":at", number(at.millis())), (":before", number(before.millis()))];
        let condition = "attribute_exists(pk) AND (attribute_not_exists(last_used_at) OR last_used_at <= :before)";
        let update = "SET last_used_at = :at";
        match self.update(&keys::service(id), update, condition, values).await {
            Err(error) if error.failed(Guard::Service) => Ok(()),
            other => other,
        }
    }

    async fn update(&self, key: &keys::Key, update: &str, condition: &str, values: Values) -> Result<(), StoreError> {
        let mut call = self.client.update_item().table_name(&self.table).set_key(Some(key.attributes()));
        for (name, value) in values {
            call = call.expression_attribute_values(name, value);
        }
        let sent = call.update_expression(update).condition_expression(condition).send().await;
        sent.map(|_| ()).map_err(|error| match error.as_service_error() {
            Some(cause) if cause.is_conditional_check_failed_exception() => StoreError::Condition(Guard::Service),
            _ => StoreError::from_sdk(&error),
        })
    }
}

impl Transaction<'_> {
    /// The service is there and has not ended.
    pub(crate) fn while_enabled(self, id: ServiceId) -> Self {
        self.check(Guard::Service, &keys::service(id), "disabled = :no", vec![(":no", AttributeValue::Bool(false))])
    }
}

fn as_read(seen: &StoredService) -> Result<Values, StoreError> {
    let versions = serde_dynamo::to_attribute_value(&seen.client_versions)?;
    Ok(vec![(":seen", versions), (":no", AttributeValue::Bool(false))])
}

fn record(service: &StoredService) -> Result<Item, StoreError> {
    item(&keys::service(service.id), "service", service)
}

fn entry(entry: &ServiceEntry) -> Result<Item, StoreError> {
    item(&keys::service_entry(entry.id), "service_entry", entry)
}

impl Bootstrap<'_> {
    /// Writes a service that is not there yet; false where it is.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn add_service(&self, service: &StoredService, at: Moment) -> Result<bool, StoreError> {
        let listed = ServiceEntry { id: service.id, created_at: at, created_by: "installation".into() };
        self.store().put_new(entry(&listed)?).await?;
        self.store().put_new(record(service)?).await
    }
}

impl Registry for Store {
    async fn service(&self, id: ServiceId) -> Result<Option<StoredService>, Refusal> {
        let found = self.get(&keys::service(id)).await?;
        Ok(found.map(|item| read(item, "service")).transpose()?)
    }

    async fn used(&self, id: ServiceId, at: Moment) {
        if let Err(error) = self.write_last_use(id, at).await {
            tracing::warn!(%error, service = id.get(), "a service's last use was not written down");
        }
    }

    async fn claim(&self, claim: &ReplayClaim, request_id: &str) -> Result<bool, Refusal> {
        Ok(self.claim_replay(claim, request_id).await?)
    }
}
