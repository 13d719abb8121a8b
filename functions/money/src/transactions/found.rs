//! Finds the transaction that a path names, with its family of one moment and the caller's permit there.

use countersign_core::{
    MovementId, Person, Refusal,
    family::{Family, FamilyPermit, Permission},
    ledger::{Movement, unknown_transaction},
};
use countersign_edge::{Answer, Call};
use countersign_store::{FamilyFacts, FamilyWanted, Undone};

use super::asking::waits_for;
use crate::{Money, entry};

/// A transaction that the caller may do something with.
pub(super) struct Found {
    pub(super) permit: FamilyPermit,
    pub(super) facts: FamilyFacts,
    pub(super) movement: Movement,
}

impl Money {
    /// The transaction, or the answer that the call's idempotency key has already. It is found by its id alone; then its
    /// family, both wallets, what became of it and its approval are read as they are at one moment.
    ///
    /// # Errors
    /// 404 where it is not there or not of a family of the caller's; 403 where their role there does not grant it.
    pub(super) async fn find(
        &self,
        entered: &entry::Entered,
        call: &Call,
        id: MovementId,
        permission: Permission,
    ) -> Result<Result<Found, Answer>, Undone> {
        let idempotency = call.idempotency().map(|key| (entered.scope(), key));
        let first = self.store.movement_facts(Some(entered.subject), id, idempotency).await?;
        let (_, user) = entered.platform(first.person.as_ref())?;
        let movement = first.standing.ok_or_else(unknown_transaction)?.movement;
        let wanted = FamilyWanted {
            wallets: [movement.from_wallet_id, movement.to_wallet_id].into_iter().flatten().collect(),
            movement: Some(id),
            approval: waits_for(&movement),
            spent: (permission == Permission::Reverse).then_some(user),
            ..entered.wanted(call, Some(movement.family_id))
        };
        let facts = self.store.family_facts(&wanted).await?;
        if let Some(answer) = entry::replayed(call, movement.family_id, &facts)? {
            return Ok(Err(answer));
        }
        let permit = entered
            .permit(facts.person.as_ref(), facts.family.as_ref(), permission)
            .map_err(|refusal| hidden(refusal, facts.family.as_ref(), facts.person.as_ref()))?;
        call.trace().family(movement.family_id);
        Ok(Ok(Found { permit, facts, movement }))
    }
}

/// To whoever is not in the family a transaction of it is not there.
pub(super) fn hidden(refusal: Refusal, family: Option<&Family>, person: Option<&Person>) -> Refusal {
    let is_in = family.zip(person).is_some_and(|(family, person)| family.member(person.user_id).is_some());
    if is_in || person.is_none() { refusal } else { unknown_transaction() }
}
