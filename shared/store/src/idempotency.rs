//! Idempotency records and replay claims: written beside the effect they guard.

use countersign_core::{
    Moment, Refusal,
    gate::ReplayClaim,
    idempotency::{IdempotencyKey, IdempotencyRecord, Progress, finished},
    limits,
    policy::Permit,
};

use crate::{
    Guard, KeyScope, Store, StoreError,
    items::{item_until, read},
    keys,
    transaction::{Transaction, Values, number, text},
};

/// No record is there, or one that TTL has not removed yet, or an open one of this very request.
const OURS: &str =
    "attribute_not_exists(pk) OR expires_at <= :now OR (fingerprint = :fingerprint AND progress <> :finished)";

/// As [`OURS`], where an open one counts only once nobody can be at it any more.
const LEFT: &str = "attribute_not_exists(pk) OR expires_at <= :now OR (fingerprint = :fingerprint AND progress <> :finished \
                    AND written_at <= :left)";

/// As [`OURS`], where an open one counts only as it was claimed: another may have taken it over.
const CLAIMED: &str = "attribute_not_exists(pk) OR expires_at <= :now OR (fingerprint = :fingerprint AND progress <> :finished \
                       AND written_at = :claimed)";

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
    /// Adds a record: none may be there, or only one past its time, or an open one of this very request.
    pub(crate) fn keep(self, kept: Option<&KeptAnswer<'_>>) -> Result<Self, StoreError> {
        let Some(kept) = kept else { return Ok(self) };
        let values = ours(kept.key, kept.record.written_at);
        Ok(self.put(Guard::Idempotency, kept.item()?, Some(OURS), values))
    }

    /// Frees the key of a request that is known not to have run: the next one with it runs.
    pub(crate) fn release(self, released: Option<(KeyScope, &IdempotencyKey)>, now: Moment) -> Self {
        let Some((scope, key)) = released else { return self };
        self.delete(Guard::Idempotency, &keys::idempotency(scope, &key.name), OURS, ours(key, now))
    }
}

fn ours(key: &IdempotencyKey, now: Moment) -> Values {
    vec![(":now", number(now.seconds())), (":fingerprint", text(&key.fingerprint)), (":finished", text("finished"))]
}

/// A run's claim is known by its moment: the answer is written with the same.
fn claimed(key: &IdempotencyKey, now: Moment) -> Values {
    let mut values = ours(key, now);
    values.push((":claimed", number(now.millis())));
    values
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

    /// What a twin of this call has kept, where that is why a commit failed; none where the commit failed by itself.
    ///
    /// # Errors
    /// Where the record cannot be read; 422 where the key was used with another request.
    pub async fn twin(
        &self,
        asked: Option<(KeyScope, &IdempotencyKey)>,
        failed: &StoreError,
        now: Moment,
    ) -> Result<Option<IdempotencyRecord>, Refusal> {
        let (Some((scope, key)), StoreError::Condition(_)) = (asked, failed) else { return Ok(None) };
        let record = self.idempotency_record(scope, key).await?;
        finished(Some(key), record.as_ref(), now).map(|record| record.cloned())
    }

    /// Claims the key of a request that is many commits, each idempotent by itself: a twin that comes meanwhile has to wait. It ends
    /// with [`Store::keep_answer_of_run`] or [`Store::end_run`], at the same `now`; after [`limits::INTENT_LEASE_SECONDS`] without
    /// either, another may begin.
    /// Gives the answer of a twin that has ended.
    ///
    /// # Errors
    /// 409 while a twin runs; 422 where the key was used with another request.
    pub async fn begin_run(
        &self,
        asked: Option<(KeyScope, &IdempotencyKey)>,
        now: Moment,
    ) -> Result<Option<IdempotencyRecord>, Refusal> {
        let Some((scope, key)) = asked else { return Ok(None) };
        let claim = KeptAnswer { scope, key, record: IdempotencyRecord::open(key, Progress::Running, now) };
        let mut values = ours(key, now);
        values.push((":left", number(now.plus_seconds(-limits::INTENT_LEASE_SECONDS).millis())));
        match Transaction::new(self).put(Guard::Idempotency, claim.item()?, Some(LEFT), values).commit().await {
            Err(error) if error.failed(Guard::Idempotency) => {
                let twin = self.twin(asked, &error, now).await?;
                twin.map(Some).ok_or_else(|| Refusal::conflict("A request with this Idempotency-Key was faster"))
            }
            begun => Ok(begun.map(|()| None)?),
        }
    }

    /// Frees the key of a run that has failed and may be tried again at once. Where that is not written its lease ends it.
    pub async fn end_run(&self, asked: Option<(KeyScope, &IdempotencyKey)>, now: Moment) {
        let Some((scope, key)) = asked else { return };
        let item = keys::idempotency(scope, &key.name);
        let freed = Transaction::new(self).delete(Guard::Idempotency, &item, CLAIMED, claimed(key, now));
        if let Err(error) = freed.commit().await {
            tracing::warn!(%error, "the key of a run that failed stays claimed for a while");
        }
    }

    /// Keeps the answer of a run. Not where its lease ended and another has begun: what that one says is kept.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn keep_answer_of_run(&self, kept: &KeptAnswer<'_>) -> Result<(), StoreError> {
        let values = claimed(kept.key, kept.record.written_at);
        match Transaction::new(self).put(Guard::Idempotency, kept.item()?, Some(CLAIMED), values).commit().await {
            Err(error) if error.failed(Guard::Idempotency) => Ok(()),
            other => other,
        }
    }

    /// Keeps an answer beside which nothing is written.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn keep_answer(&self, _permit: &Permit, kept: &KeptAnswer<'_>) -> Result<(), StoreError> {
        match Transaction::new(self).keep(Some(kept))?.commit().await {
            Err(error) if error.failed(Guard::Idempotency) => Ok(()),
            other => other,
        }
    }

    /// Keeps a refusal that is the last word for its key; false where a twin of the request has kept an answer meanwhile.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn keep_refusal(&self, kept: &KeptAnswer<'_>) -> Result<bool, StoreError> {
        match Transaction::new(self).keep(Some(kept))?.commit().await {
            Err(error) if error.failed(Guard::Idempotency) => Ok(false),
            other => other.map(|()| true),
        }
    }

    /// Claims a signed request for the request of this id; false where another one has claimed it.
    ///
    /// Where the answer to the write is lost the SDK tries again and finds our own claim: the request's id tells.
    pub(crate) async fn claim_replay(&self, claim: &ReplayClaim, request_id: &str) -> Result<bool, StoreError> {
        let key = keys::replay_claim(&claim.key);
        let record = serde_json::json!({ "request_id": request_id });
        if self.put_new(item_until(&key, "replay", record, claim.keep_until)?).await? {
            return Ok(true);
        }
        let claimed = self.get(&key).await?;
        let by = claimed.as_ref().and_then(|item| item.get("request_id")).and_then(|id| id.as_s().ok());
        Ok(by.is_some_and(|by| by == request_id))
    }
}
