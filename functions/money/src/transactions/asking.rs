//! Asks those who may approve a transaction, in Telegram, through the approval engine.

use countersign_core::{
    ApprovalId, MovementId, Person, Refusal,
    approval::Mint,
    family::{Family, Member, Permission},
    ledger::Movement,
};
use countersign_edge::clock;
use countersign_store::{Asking, Store};

pub(crate) use countersign_core::approval::MovementQuestion as Question;

use crate::Money;

impl Money {
    /// See [`ask`].
    pub(crate) async fn ask(
        &self,
        id: MovementId,
        asker: &Person,
        question: &Question<'_>,
        reasons: Vec<String>,
    ) -> Result<Asking, Refusal> {
        ask(&self.store, id, asker, question, reasons).await
    }
}

/// Opens the approval of a transaction. Whoever enters it is not asked: nobody approves their own.
pub(crate) async fn ask(
    store: &Store,
    id: MovementId,
    asker: &Person,
    question: &Question<'_>,
    reasons: Vec<String>,
) -> Result<Asking, Refusal> {
    let now = clock::now();
    let (approval_id, mint) = (ApprovalId::fresh(now, clock::random()), Mint::new(now, clock::random));
    Ok(store.asking((approval_id, id), asker, question, reasons, mint).await?)
}

/// Who would be asked: for `dry_run`.
pub(crate) fn approvers<'a>(family: &'a Family, payer: &Person) -> Vec<&'a Member> {
    let who = family.who_may(Permission::Approve, Some(payer.user_id));
    who.into_iter().filter_map(|id| family.member(id)).collect()
}

/// Whether the transaction waits for this approval.
pub(crate) fn waits_for(movement: &Movement) -> Option<ApprovalId> {
    movement.waiting.as_ref().map(|waiting| waiting.approval_id)
}
