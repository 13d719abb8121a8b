//! How every route begins and ends: who calls, their permit in the family, and the answer that is kept.

use std::future::Future;

use countersign_core::{
    FamilyId, Moment, Person, Refusal, RefusalKind, Subject, UserId,
    family::{self, Family, FamilyPermit, Permission},
    gate::Caller,
    idempotency::{IdempotencyRecord, finished},
    policy,
};
use countersign_edge::{Answer, Call, clock, problem};
use countersign_store::{FamilyFacts, FamilyWanted, KeptAnswer, KeyScope, Undone};

use crate::Money;

/// A person who was let in. Nothing of them is read yet.
pub(crate) struct Entered {
    pub(crate) caller: Caller,
    pub(crate) subject: Subject,
    endpoint: &'static str,
}

impl Money {
    /// Lets a person in.
    ///
    /// # Errors
    /// 401 where it is not known who calls; 403 for a service.
    pub(crate) async fn enter(&self, call: &Call, endpoint: &'static str) -> Result<Entered, Refusal> {
        let caller = self.gate.admit(call, &self.store).await?;
        let subject = caller.subject().ok_or_else(|| Refusal::forbidden("This is for people"))?;
        Ok(Entered { caller, subject, endpoint })
    }

    /// Lets a person in who reads something of a family, with one read. Which one, the request says: that is read once it is
    /// known who calls.
    ///
    /// # Errors
    /// As [`Money::enter`]; 404 where it is not their family; 403 where their role there does not grant it.
    pub(crate) async fn reader(
        &self,
        call: &Call,
        endpoint: &'static str,
        family: impl FnOnce() -> Result<FamilyId, Refusal>,
        permission: Permission,
    ) -> Result<(FamilyPermit, Family), Refusal> {
        let entered = self.enter(call, endpoint).await?;
        let family = family()?;
        let (person, found) = self.store.person_and_family(entered.subject, family).await?;
        let permit = entered.permit(person.as_ref(), found.as_ref(), permission)?;
        call.trace().family(family);
        Ok((permit, found.ok_or_else(family::unknown_family)?))
    }

    /// Does what a call wants in turn with others. How things stand may refuse it (409): that too is the last word for its
    /// idempotency key, or a client that has booked it as failed would find it done by its retry. What is wrong with the request
    /// itself, and who may not, is not kept.
    ///
    /// # Errors
    /// What the attempt refuses, where it is not kept; 503 where others were faster each time.
    pub(crate) async fn in_turn<F>(
        &self,
        entered: &Entered,
        call: &Call,
        attempt: impl Fn() -> F,
    ) -> Result<Answer, Refusal>
    where
        F: Future<Output = Result<Answer, Undone>>,
    {
        let done = self.store.in_turn(&attempt).await;
        let (refusal, key) = match (done, call.idempotency()) {
            (Err(refusal), Some(key)) if is_final(&refusal) => (refusal, key),
            (done, _) => return done,
        };
        let answer = problem::answer(refusal, call.request_id());
        let record = answer.record(key, clock::now());
        if self.store.keep_refusal(&KeptAnswer { scope: entered.scope(), key, record }).await? {
            return Ok(answer);
        }
        // A twin was faster: the attempt finds what it has kept.
        self.store.in_turn(&attempt).await
    }
}

/// Whether a refusal is a conflict with how things stand; one that says when to come again is not over.
fn is_final(refusal: &Refusal) -> bool {
    refusal.kind == RefusalKind::Conflict && refusal.retry_after_seconds.is_none()
}

impl Entered {
    /// Under whom idempotency records are kept.
    pub(crate) fn scope(&self) -> KeyScope {
        KeyScope::Subject(self.subject)
    }

    /// What every change of a family reads: who calls, the family, and the record of the idempotency key.
    pub(crate) fn wanted<'a>(&self, call: &'a Call, family: Option<FamilyId>) -> FamilyWanted<'a> {
        FamilyWanted {
            subject: Some(self.subject),
            family,
            idempotency: call.idempotency().map(|key| (self.scope(), key)),
            ..FamilyWanted::default()
        }
    }

    /// The platform's permit of the person, and who they are.
    ///
    /// # Errors
    /// 404 for an unknown person; 403 where their role does not grant the endpoint.
    pub(crate) fn platform(&self, person: Option<&Person>) -> Result<(policy::Permit, UserId), Refusal> {
        let permit = policy::permit(&self.caller, person, self.subject, self.endpoint)?;
        Ok((permit, person.ok_or_else(policy::unknown_person)?.user_id))
    }

    /// The permit of the person in a family.
    ///
    /// # Errors
    /// As [`Entered::platform`]; 404 where it is not their family; 403 where their role there does not grant it.
    pub(crate) fn permit(
        &self,
        person: Option<&Person>,
        family: Option<&Family>,
        permission: Permission,
    ) -> Result<FamilyPermit, Refusal> {
        let (platform, actor) = self.platform(person)?;
        family::permit(&platform, actor, family, permission)
    }
}

/// The finished answer of the call's idempotency key about this family. It is looked for before the permit: whoever has left, or
/// may not any more because of what they did, gets their own answer again.
///
/// # Errors
/// 422 where the key was used with another request.
pub(crate) fn replayed(call: &Call, family: FamilyId, facts: &FamilyFacts) -> Result<Option<Answer>, Refusal> {
    let answer = answered(call, facts.idempotency.as_ref())?;
    if answer.is_some() {
        call.trace().family(family);
    }
    Ok(answer)
}

/// The same of a record.
pub(crate) fn answered(call: &Call, record: Option<&IdempotencyRecord>) -> Result<Option<Answer>, Refusal> {
    Ok(finished(call.idempotency(), record, clock::now())?.map(Answer::replay))
}

/// The record that keeps an answer for the call's idempotency key.
pub(crate) fn kept<'a>(call: &'a Call, scope: KeyScope, answer: &Answer, now: Moment) -> Option<KeptAnswer<'a>> {
    call.idempotency().map(|key| KeptAnswer { scope, key, record: answer.record(key, now) })
}

/// The family that a query names.
#[derive(serde::Deserialize)]
struct FamilyQuery {
    family_id: FamilyId,
}

/// The id of a family in a query.
///
/// # Errors
/// 400 where there is none.
pub(crate) fn family_in_query(call: &Call) -> Result<FamilyId, Refusal> {
    call.query::<FamilyQuery>().map(|query| query.family_id)
}

/// The id of a family in a path.
///
/// # Errors
/// 404 where it is none.
pub(crate) fn family_id(text: &str) -> Result<FamilyId, Refusal> {
    text.parse().map_err(|_| family::unknown_family())
}
