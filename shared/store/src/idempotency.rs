//! Idempotency records and replay claims: written beside the effect they guard.

use countersign_core::{
    gate::ReplayClaim,
    idempotency::{IdempotencyKey, IdempotencyRecord},
};

use crate::{
    Guard, KeyScope, Store, StoreError,
    items::{item_until, read},
    keys::{self, EXPIRES_AT},
    transaction::{Transaction, number, text},
};

/// The record that a commit keeps for the request's idempotency key.
#[derive(Clone, Debug)]
pub struct KeptAnswer<'a> {
    /// Under whom.
    pub scope: KeyScope,
    /// The key.
    pub key: &'a IdempotencyKey,
    /// What is kept.
    pub record: IdempotencyRecord,
}

impl Transaction<'_> {
    /// Adds a first record: none may be there, or only one that is past its time.
    pub(crate) fn keep(self, kept: Option<&KeptAnswer<'_>>) -> Result<Self, StoreError> {
        let Some(kept) = kept else { return Ok(self) };
        let now = kept.record.written_at.seconds();
        let values = vec![(":now", number(now))];
        let condition = format!("attribute_not_exists(pk) OR {EXPIRES_AT} <= :now");
        Ok(self.put(Guard::Idempotency, kept.item()?, Some(&condition), values))
    }

    /// Adds a record over our own open one.
    pub(crate) fn keep_closing(self, kept: Option<&KeptAnswer<'_>>) -> Result<Self, StoreError> {
        let Some(kept) = kept else { return Ok(self) };
        let values = vec![(":fingerprint", text(&kept.key.fingerprint))];
        let condition = "attribute_not_exists(pk) OR fingerprint = :fingerprint";
        Ok(self.put(Guard::Idempotency, kept.item()?, Some(condition), values))
    }
}

impl KeptAnswer<'_> {
    fn item(&self) -> Result<crate::table::Item, StoreError> {
        let key = keys::idempotency(self.scope, &self.key.name);
        item_until(&key, "idempotency", &self.record, self.record.expires_at())
    }
}

impl Store {
    /// Reads the record of a key: after a commit lost a race against its twin.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn idempotency_record(
        &self,
        scope: KeyScope,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let found = self.get(&keys::idempotency(scope, &key.name)).await?;
        found.map(|item| read(item, "idempotency")).transpose()
    }

    /// Keeps the answer of a request whose effects are each idempotent by themselves.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn keep_answer(
        &self,
        scope: KeyScope,
        key: &IdempotencyKey,
        record: IdempotencyRecord,
    ) -> Result<(), StoreError> {
        let kept = KeptAnswer { scope, key, record };
        match Transaction::new(self).keep(Some(&kept))?.commit().await {
            Err(error) if error.failed(Guard::Idempotency) => Ok(()),
            other => other,
        }
    }

    /// Claims a signed request; false where it was claimed before.
    ///
    /// An answer that is lost after the write reads as 'claimed before' when the SDK tries again: the request is then
    /// refused although it is new, which is the safe side.
    pub(crate) async fn claim_replay(&self, claim: &ReplayClaim) -> Result<bool, StoreError> {
        let key = keys::replay_claim(&claim.key);
        self.put_new(item_until(&key, "replay", serde_json::json!({}), claim.keep_until)?).await
    }
}
