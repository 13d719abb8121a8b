//! Asks those who may approve a family's transaction, in Telegram, through the approval engine: one way for the API, the schedule
//! and the bot.

use countersign_core::{
    ApprovalId, MovementId, Person, TelegramId,
    approval::{self, Asker, Mint, MovementQuestion, Opening, open_movement},
    family::Permission,
    ledger::Waiting,
    messaging::words::Language,
};

use crate::{Store, StoreError};

/// A transaction that waits, and the approval that is opened with it.
#[derive(Debug)]
pub struct Asking {
    /// That it waits.
    pub waiting: Waiting,
    /// What is committed with it.
    pub approval: approval::Change,
}

impl Store {
    /// Opens the approval of a transaction. Whoever enters it is not asked: nobody approves their own.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn asking(
        &self,
        (approval_id, id): (ApprovalId, MovementId),
        asker: &Person,
        question: &MovementQuestion<'_>,
        reasons: Vec<String>,
        mut mint: Mint,
    ) -> Result<Asking, StoreError> {
        let approvers = question.family.who_may(Permission::Approve, Some(asker.user_id));
        let people = self.people_of(&approvers).await?;
        let language_of = |id: TelegramId| {
            let asked = people.iter().find(|person| person.telegram_id == Some(id));
            asked.map_or_else(Language::default, |person| Language::of(&person.profile))
        };
        let reached: Vec<TelegramId> = people.iter().filter_map(|person| person.telegram_id).collect();
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
}
