//! Asks those who may approve a transaction, in Telegram, through the approval engine.

use countersign_core::{
    ApprovalId, MovementId, Person, Refusal, TelegramId,
    approval::{self, AskedMovement, Asker, Mint, Opening, open_movement},
    family::{Family, Member, Permission},
    ledger::{Movement, Waiting, Wallet},
    messaging::words::Language,
    money::Currency,
};
use countersign_edge::clock;
use countersign_store::Store;

use crate::Money;

/// What the question shows beside the transaction's ids.
pub(crate) struct Question<'a> {
    pub(crate) family: &'a Family,
    pub(crate) from: Option<&'a Wallet>,
    pub(crate) to: Option<&'a Wallet>,
    pub(crate) amount_minor: i64,
    pub(crate) currency: Currency,
    pub(crate) category: Option<countersign_core::CategoryId>,
    pub(crate) description: Option<&'a str>,
    /// It reverses another one, for this reason.
    pub(crate) reversal: Option<&'a str>,
}

/// A transaction that waits, and the approval that is opened with it.
pub(crate) struct Asking {
    pub(crate) waiting: Waiting,
    pub(crate) approval: approval::Change,
}

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
    let approvers = question.family.who_may(Permission::Approve, Some(asker.user_id));
    let people = store.people_of(&approvers).await?;
    let language_of = |id: TelegramId| {
        let asked = people.iter().find(|person| person.telegram_id == Some(id));
        asked.map_or_else(Language::default, |person| Language::of(&person.profile))
    };
    let reached: Vec<TelegramId> = people.iter().filter_map(|person| person.telegram_id).collect();
    let mut mint = Mint::new(clock::now(), clock::random);
    let approval_id = ApprovalId::fresh(mint.now(), clock::random());
    let opening = Opening {
        id: approval_id,
        asker: Asker::Movement {
            family_id: question.family.id,
            movement_id: id,
            user_id: asker.user_id,
            telegram_id: asker.telegram_id,
            language: Language::of(&asker.profile),
        },
        asked_by: question.family.name_of(asker.user_id).unwrap_or_default(),
        language_of: &language_of,
    };
    let approval = open_movement(question.shown(), &reached, &opening, &mut mint);
    let open_until = approval.proposal.expires_at;
    Ok(Asking { waiting: Waiting { approval_id, open_until, reasons }, approval })
}

impl Question<'_> {
    fn shown(&self) -> AskedMovement {
        let left = |wallet: &Wallet| wallet.available_minor().saturating_sub(self.amount_minor);
        let category = self.category.and_then(|id| self.family.category(id));
        AskedMovement {
            family: self.family.name.clone(),
            from_wallet_id: self.from.map(|wallet| wallet.id),
            to_wallet_id: self.to.map(|wallet| wallet.id),
            amount: self.currency.show(self.amount_minor),
            from: self.from.map(|wallet| wallet.name.clone()),
            to: self.to.map(|wallet| wallet.name.clone()),
            category: category.map(|category| category.name.clone()),
            left_after: self.from.map(|wallet| self.currency.show(left(wallet))),
            description: self.description.map(str::to_owned),
            reversal: self.reversal.map(str::to_owned),
        }
    }
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
