//! Deliveries to services: written with the decision, claimed before each try, closed with what follows from the answer.

use countersign_core::{
    DeliveryId, ServiceId, limits,
    messaging::{Delivery, DeliveryKind, DeliveryRecord, OutMessage},
};

use crate::{
    Guard, OwnedCommand, Store, StoreError,
    items::{item, item_until, read},
    keys::{self, Key},
    outgoing_due::mark_pending,
    table::Item,
    transaction::{Transaction, number, text},
};

/// Nobody else has tried it since it was read.
const AS_READ: &str = "attempt = :attempt AND attribute_not_exists(finished_at)";

/// A delivery without an end: in the index at the moment when its try is overdue, or whoever claimed it.
fn pending(key: &Key, record: &DeliveryRecord) -> Result<Item, StoreError> {
    let mut stored = item(key, "delivery", record)?;
    mark_pending(&mut stored, record.claimed_until.unwrap_or(record.due_at).max(record.due_at));
    Ok(stored)
}

impl Transaction<'_> {
    /// Adds a delivery to a service: it is sent if and only if this transaction commits.
    pub(crate) fn deliver(self, delivery: &Delivery) -> Result<Self, StoreError> {
        let key = keys::delivery(delivery.service_id, delivery.id);
        let record = pending(&key, &DeliveryRecord::queued(delivery.clone()))?;
        Ok(self.put(Guard::Delivery, record, Some("attribute_not_exists(pk)"), vec![]))
    }
}

impl Store {
    /// Reads a delivery.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn delivery(&self, service_id: ServiceId, id: DeliveryId) -> Result<Option<DeliveryRecord>, StoreError> {
        self.get(&keys::delivery(service_id, id)).await?.map(|item| read(item, "delivery")).transpose()
    }

    /// Writes a delivery that belongs to no other record.
    ///
    /// # Errors
    /// [`Guard::Delivery`] where the id is taken.
    pub async fn commit_delivery(&self, delivery: &Delivery) -> Result<(), StoreError> {
        Transaction::new(self).deliver(delivery)?.commit().await
    }

    /// Claims a delivery for a try: `claimed` is what `DeliveryRecord::for_courier` made of the record that was read.
    ///
    /// # Errors
    /// [`Guard::Delivery`] where another courier was first.
    pub async fn claim_delivery(&self, claimed: &DeliveryRecord) -> Result<(), StoreError> {
        let before = claimed.delivery.attempt.saturating_sub(1);
        let record = pending(&keys::delivery(claimed.delivery.service_id, claimed.delivery.id), claimed)?;
        Transaction::new(self)
            .put(Guard::Delivery, record, Some(AS_READ), vec![(":attempt", number(before))])
            .commit()
            .await
    }

    /// The receiver wants no more of it (410): the service's commands that lead there are taken from the bot.
    ///
    /// A callback's URL was named for one question and is forgotten with it.
    ///
    /// # Errors
    /// Where the table cannot be read or written.
    pub async fn commit_gone(&self, delivery: &Delivery) -> Result<(), StoreError> {
        if delivery.kind == DeliveryKind::Callback {
            return Ok(());
        }
        let service_id = delivery.service_id;
        let seen = self.command_list(service_id).await?;
        let own = |owned: OwnedCommand| (owned.service_id == service_id).then_some(owned.command);
        let all: Vec<_> = self.commands().await?.into_iter().filter_map(own).collect();
        let left: Vec<_> = all.iter().filter(|command| command.url != delivery.url).cloned().collect();
        if left.len() == all.len() {
            return Ok(());
        }
        match Transaction::new(self).replace_commands(service_id, &seen, &left)?.commit().await {
            // The service has just given another list: that one counts.
            Err(error) if error.failed(Guard::CommandList) => Ok(()),
            other => other,
        }
    }

    /// Writes what became of a try: `after` is what `DeliveryRecord::after` made of the claimed record. `reply` goes to
    /// the chat if and only if this commits.
    ///
    /// # Errors
    /// [`Guard::Delivery`] where the claim was given up meanwhile and another courier tries it.
    pub async fn commit_try(
        &self,
        claimed: &DeliveryRecord,
        after: &DeliveryRecord,
        reply: Option<&OutMessage>,
    ) -> Result<(), StoreError> {
        let key = keys::delivery(after.delivery.service_id, after.delivery.id);
        let record = match after.delivery.finished_at {
            Some(at) => item_until(&key, "delivery", after, at.plus_seconds(limits::DELIVERY_KEPT_SECONDS))?,
            None => pending(&key, after)?,
        };
        let values = vec![
            (":attempt", number(claimed.delivery.attempt)),
            (":claim", text(claimed.claimed_by.clone().unwrap_or_default())),
        ];
        let ours = format!("{AS_READ} AND claimed_by = :claim");
        let closing = Transaction::new(self).put(Guard::Delivery, record, Some(&ours), values);
        match reply {
            Some(reply) => closing.tell(reply)?.commit().await,
            None => closing.commit().await,
        }
    }
}
