//! A vote, or the hour, that ends the approval of a family's transaction settles it in the same commit.

use countersign_core::{
    Refusal, Subject, UserId,
    approval::{self, Asker, Ending},
    bot::Contact,
    family::{self, unknown_family},
    ledger::{ClosingFacts, settle_vote, unknown_transaction},
};

use crate::{FamilyWanted, Store, StoreError, Undone, transaction::Transaction};

impl Store {
    /// Whether this change of an approval ends a transaction with it.
    pub(crate) fn settles(change: &approval::Change) -> bool {
        let ending = change.state.outcome.as_ref().map(|outcome| outcome.ending);
        change.proposal.asker.is_movement() && matches!(ending, Some(Ending::Answered | Ending::Expired))
    }

    /// Commits the end of an approval with what it means for its transaction.
    pub(crate) async fn commit_settled(
        &self,
        contact: Option<&Contact>,
        change: &approval::Change,
    ) -> Result<(), StoreError> {
        let attempt = || async {
            let settled = self.settled(change, contact.map(|contact| contact.person().user_id)).await?;
            let mut transaction = Transaction::new(self);
            if let Some(contact) = contact {
                transaction = transaction.contact(contact)?;
            }
            match transaction.family(&settled)?.commit().await {
                // Another change of the family: settle again. Whatever else failed is for the caller.
                Err(error @ StoreError::Condition(crate::Guard::Family)) => Err(Undone::Race(error)),
                Err(error) => Ok(Err(error)),
                Ok(()) => Ok(Ok(())),
            }
        };
        match self.in_turn(attempt).await {
            Ok(committed) => committed,
            Err(refusal) => Err(StoreError::Refused(Box::new(refusal))),
        }
    }

    async fn settled(&self, change: &approval::Change, voter: Option<UserId>) -> Result<family::Change, Undone> {
        let Asker::Movement { family_id, movement_id, .. } = change.proposal.asker else {
            return Err(Refusal::internal("not a transaction's approval").into());
        };
        let asked = change.proposal.movement.as_ref();
        let (from, to) = asked.map_or((None, None), |asked| (asked.from_wallet_id, asked.to_wallet_id));
        let wallets = [from, to].into_iter().flatten().collect();
        let wanted =
            FamilyWanted { family: Some(family_id), wallets, movement: Some(movement_id), ..FamilyWanted::default() };
        let found = self.family_facts(&wanted).await?;
        let facts = ClosingFacts {
            family: found.family.clone().ok_or_else(unknown_family)?,
            head: found.head.clone(),
            from: found.wallet(from),
            to: found.wallet(to),
            standing: found.standing().ok_or_else(unknown_transaction)?,
        };
        let mut settled = settle_vote(&facts, &change.proposal, &change.state, voter, change.at)?;
        settled.approval = Some(Box::new(change.clone()));
        Ok(self.with_plans(&settled).await?.unwrap_or(settled))
    }

    /// The people of these user ids, wherever their records are: with two `BatchGetItem`s, in no order. One whose record cannot be
    /// read is left out: the others are told all the same.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn people_of(&self, users: &[UserId]) -> Result<Vec<countersign_core::Person>, StoreError> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let claims: Vec<_> = users.iter().map(|id| crate::keys::user(*id)).collect();
        let mut people = Vec::with_capacity(users.len());
        for claim in self.get_batch(&claims).await? {
            let subject = claim.get("subject").and_then(|subject| subject.as_s().ok());
            people.extend(subject.and_then(|subject| Subject::parse(subject)).map(crate::keys::person));
        }
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.get_batch(&people).await?;
        Ok(found.into_iter().filter_map(|item| crate::items::readable(item, "person")).collect())
    }
}
