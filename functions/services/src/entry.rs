//! How every route begins and ends: who calls and what is known of them in one read, and the answer that is kept.

use countersign_core::{
    Moment, Refusal, ServiceId,
    gate::Caller,
    idempotency::{IdempotencyRecord, finished},
    policy::{self, Permit, ServicePermit},
};
use countersign_edge::{Answer, Call, clock};
use countersign_store::{Facts, KeptAnswer, KeyScope, StoreError, Wanted};

use crate::Services;

/// Who was let in, and what was read of them.
pub(crate) struct Entered {
    pub(crate) caller: Caller,
    pub(crate) now: Moment,
    facts: Facts,
    scope: KeyScope,
}

impl Services {
    /// Lets a call in. A service proves itself by what is stored of it, so that is read together with the record of its
    /// idempotency key; a person's record is read once it is known who they are.
    pub(crate) async fn enter(&self, call: &Call) -> Result<Entered, Refusal> {
        let (caller, facts, scope) = match call.presented().only_service() {
            Some(id) => {
                let scope = KeyScope::Service(id);
                let idempotency = call.idempotency().map(|key| (scope, key));
                let facts = self.store.facts(&Wanted { service: Some(id), idempotency, ..Wanted::default() }).await?;
                (self.gate.admit_service(call, facts.service.as_ref(), &self.store).await?, facts, scope)
            }
            None => {
                let caller = self.gate.admit(call, &self.store).await?;
                let subject = caller.subject().ok_or_else(policy::unknown_person)?;
                let scope = KeyScope::Subject(subject);
                let idempotency = call.idempotency().map(|key| (scope, key));
                let wanted = Wanted { subject: Some(subject), idempotency, ..Wanted::default() };
                (caller, self.store.facts(&wanted).await?, scope)
            }
        };
        Ok(Entered { caller, now: clock::now(), facts, scope })
    }

    /// What is answered once a commit was tried. Where a twin with the same idempotency key was first, its answer is given.
    pub(crate) async fn answer(
        &self,
        entered: &Entered,
        call: &Call,
        committed: Result<(), StoreError>,
        answer: Answer,
    ) -> Result<Answer, Refusal> {
        match committed {
            Ok(()) => Ok(answer),
            Err(error) => Ok(Answer::replay(&self.twin(entered, call, error).await?)),
        }
    }

    /// What a twin with the same idempotency key has kept, where that is why a commit failed.
    ///
    /// # Errors
    /// Why the commit failed, where there is no twin.
    pub(crate) async fn twin(
        &self,
        entered: &Entered,
        call: &Call,
        error: StoreError,
    ) -> Result<IdempotencyRecord, Refusal> {
        let asked = call.idempotency().map(|key| (entered.scope, key));
        Ok(self.store.twin(asked, &error, entered.now).await?.ok_or(error)?)
    }
}

impl Entered {
    /// The finished record of the call's idempotency key.
    pub(crate) fn replayed(&self, call: &Call) -> Result<Option<&IdempotencyRecord>, Refusal> {
        finished(call.idempotency(), self.facts.idempotency.as_ref(), self.now)
    }

    /// The record that keeps an answer for the call's idempotency key.
    pub(crate) fn kept<'a>(&self, call: &'a Call, answer: &Answer) -> Option<KeptAnswer<'a>> {
        let record = |key| answer.record(key, self.now);
        call.idempotency().map(|key| KeptAnswer { scope: self.scope, key, record: record(key) })
    }

    /// The permit of a person for themself.
    ///
    /// # Errors
    /// 403 for a service, and where the role does not grant it.
    pub(crate) fn person_permit(&self, endpoint: &'static str) -> Result<Permit, Refusal> {
        let subject = self.caller.subject().ok_or_else(|| Refusal::forbidden("This is for people"))?;
        policy::permit(&self.caller, self.facts.person.as_ref(), subject, endpoint)
    }

    /// The permit of a service for itself.
    ///
    /// # Errors
    /// 403 for a person, and where the role does not grant it.
    pub(crate) fn service_permit(&self, endpoint: &'static str) -> Result<ServicePermit, Refusal> {
        policy::service_permit(&self.caller, endpoint)
    }

    /// The permit to do something with a service.
    ///
    /// # Errors
    /// 403 where the role does not grant it, 404 where a service names another.
    pub(crate) fn permit_over(&self, id: Option<ServiceId>, endpoint: &'static str) -> Result<ServicePermit, Refusal> {
        match id {
            Some(id) => policy::permit_over_service(&self.caller, self.facts.person.as_ref(), id, endpoint),
            // What is wrong with the path is told only to who may ask.
            None => Err(match self.caller {
                Caller::Person { .. } => self.person_permit(endpoint).err(),
                Caller::Service { .. } => self.service_permit(endpoint).err(),
            }
            .unwrap_or_else(policy::unknown_service)),
        }
    }

    /// The person's record; there once [`Entered::person_permit`] was given.
    pub(crate) fn person(&self) -> Option<&countersign_core::Person> {
        self.facts.person.as_ref()
    }
}
