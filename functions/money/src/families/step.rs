//! One step of a family: read, permitted, decided, committed, in turn with others.

use std::future::Future;

use countersign_core::{
    FamilyId, Moment, Refusal,
    family::{Family, FamilyPermit, Permission, Step, settle, unknown_family},
    policy,
};
use countersign_edge::{Answer, Call, clock};
use countersign_store::{Along, FamilyFacts, Undone};

use super::view::FamilyView;
use crate::{Money, entry};

/// A step, once the family is known; and what is answered.
pub(super) trait Wanted: Sync {
    /// What is to be done.
    fn step(&self, family: &Family, actor: countersign_core::UserId, now: Moment) -> Result<Step, Refusal>;

    /// What is answered once it is done.
    fn answer(&self, family: &Family) -> Result<Answer, Refusal>;

    /// What the permit must be for where the step cannot be told yet.
    fn permission(&self, step: &Step, actor: countersign_core::UserId) -> Permission {
        step.permission(actor)
    }

    /// The record that is kept where the answer itself must not be.
    fn kept<'a>(
        &self,
        call: &'a Call,
        entered: &entry::Entered,
        answer: &Answer,
        now: Moment,
    ) -> Result<Option<countersign_store::KeptAnswer<'a>>, Refusal> {
        Ok(entry::kept(call, entered.scope(), answer, now))
    }

    /// The answer to a call whose key was used before.
    fn replayed(&self, call: &Call, family: FamilyId, facts: &FamilyFacts) -> Result<Option<Answer>, Refusal> {
        entry::replayed(call, family, facts)
    }

    /// What else must hold, read after the family: where anything has changed since, the commit fails.
    fn holds(&self, _: &Money, _: &FamilyPermit, _: Moment) -> impl Future<Output = Result<(), Refusal>> + Send {
        std::future::ready(Ok(()))
    }
}

impl Money {
    /// Does a step of a family.
    pub(super) async fn step(
        &self,
        entered: &entry::Entered,
        call: &Call,
        family: FamilyId,
        wanted: &impl Wanted,
    ) -> Result<Answer, Refusal> {
        self.in_turn(entered, call, || self.attempt(entered, call, family, wanted)).await
    }

    async fn attempt(
        &self,
        entered: &entry::Entered,
        call: &Call,
        id: FamilyId,
        wanted: &impl Wanted,
    ) -> Result<Answer, Undone> {
        let found = self.store.family_facts(&entered.wanted(call, Some(id))).await?;
        let person = found.person.as_ref();
        entered.platform(person)?;
        if let Some(answer) = wanted.replayed(call, id, &found)? {
            return Ok(answer);
        }
        // Whoever belongs to it may be told what is wrong with the request; to others it is not there.
        entered.permit(person, found.family.as_ref(), Permission::See)?;
        call.trace().family(id);
        let (actor, now) = (person.ok_or_else(policy::unknown_person)?.user_id, clock::now());
        let family = found.family.as_ref().ok_or_else(unknown_family)?;
        let step = wanted.step(family, actor, now)?;
        let permit = entered.permit(person, Some(family), wanted.permission(&step, actor))?;
        wanted.holds(self, &permit, now).await?;
        let (change, family) = settle(&permit, &found.head, family, step, now)?;
        let answer = wanted.answer(&family)?;
        let kept = wanted.kept(call, entered, &answer, now)?;
        self.store.commit_family(&change, Along { kept: kept.as_ref(), contact: None }).await?;
        Ok(answer)
    }
}

/// A step that is known already, answered with the family as this person sees it.
pub(super) struct Settled {
    pub(super) step: Step,
    pub(super) seen_by: countersign_core::UserId,
}

impl Wanted for Settled {
    fn step(&self, _: &Family, _: countersign_core::UserId, _: Moment) -> Result<Step, Refusal> {
        Ok(self.step.clone())
    }

    fn answer(&self, family: &Family) -> Result<Answer, Refusal> {
        Answer::ok(&FamilyView::of(family, self.seen_by))
    }
}
