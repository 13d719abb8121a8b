//! A group becomes a supergroup, which is another chat: what was to be said in the one is said in the other.

use countersign_core::{
    ApprovalId, ChatId,
    approval::{Kind, Mint, Proposal, moved},
    limits,
    messaging::{Origin, OutEnd, OutMessage, OutRecord},
};

use crate::{Guard, Store, StoreError, items::read, keys, transaction::Transaction};

impl Store {
    /// Closes a claimed message whose chat is another now and, in the same transaction, writes it again for that one: with its copy
    /// where it is a question's. False where the question is over, so that there is nothing to be said.
    ///
    /// # Errors
    /// [`Guard::Out`] where it is not this courier's any more; [`StoreError::Conflict`] where votes kept being faster.
    pub async fn commit_moved(
        &self,
        record: &OutRecord,
        to: ChatId,
        end: &OutEnd,
        mint: impl Fn() -> Mint,
    ) -> Result<bool, StoreError> {
        let message = &record.message;
        let Origin::Copy { approval_id } = message.origin else {
            let (at, again) = (mint().now(), OutMessage { chat_id: to, ..message.clone() });
            return Transaction::new(self).close_out(record, end, at)?.tell(&again)?.commit().await.map(|()| true);
        };
        self.move_question(approval_id, (message.chat_id, to), &mint, Some((record, end))).await
    }

    /// Puts every open question of a chat into the one that it has become; how many there were.
    ///
    /// # Errors
    /// Where the table cannot be read or written.
    pub async fn move_questions(&self, from: ChatId, to: ChatId, mint: impl Fn() -> Mint) -> Result<usize, StoreError> {
        let mut count = 0;
        for id in self.questions_in(from).await? {
            count += usize::from(self.move_question(id, (from, to), &mint, None).await?);
        }
        Ok(count)
    }

    /// Reads, decides, commits, and again where a vote was faster. `closing`: the message whose call has shown it.
    async fn move_question(
        &self,
        id: ApprovalId,
        (from, to): (ChatId, ChatId),
        mint: &impl Fn() -> Mint,
        closing: Option<(&OutRecord, &OutEnd)>,
    ) -> Result<bool, StoreError> {
        for _ in 0..limits::VOTE_ROUNDS {
            let Some(found) = self.approval_with_copies(id).await? else { return Ok(false) };
            let Some(copy) = found.copies.iter().find(|copy| copy.chat_id == from) else { return Ok(false) };
            let Some(sent) = self.out(from, copy.out_id).await? else { return Ok(false) };
            let change = moved(&found.proposal, &found.state, copy, &sent.message, to, &mut mint());
            let Some(change) = change else { return Ok(false) };
            let mut transaction = Transaction::new(self);
            if let Some((record, end)) = closing {
                transaction = transaction.close_out(record, end, change.at)?;
            }
            match transaction.change(&change)?.commit().await {
                Err(error) if error.failed(Guard::Approval) || error.failed(Guard::Copy) => {}
                other => return other.map(|()| true),
            }
        }
        Err(StoreError::Conflict)
    }

    /// The questions among the latest messages of a chat.
    async fn questions_in(&self, chat: ChatId) -> Result<Vec<ApprovalId>, StoreError> {
        let (found, _) =
            self.newest(&keys::chat_partition(chat), keys::OUT_PREFIX, limits::MOVED_MESSAGES, None).await?;
        let mut ids = Vec::new();
        for item in found {
            let record: OutRecord = read(item, "out")?;
            if let Origin::Copy { approval_id } = record.message.origin
                && !ids.contains(&approval_id)
            {
                ids.push(approval_id);
            }
        }
        Ok(ids)
    }
}

impl Transaction<'_> {
    /// Takes a copy out of a chat.
    pub(crate) fn leave_chat(self, proposal: &Proposal, chat: ChatId) -> Self {
        let there = "attribute_exists(pk)";
        let left = self.delete(Guard::Copy, &keys::approval_copy(proposal.id, chat), there, vec![]);
        if proposal.kind == Kind::Text {
            left.delete(Guard::Copy, &keys::prompt(chat, proposal.id), there, vec![])
        } else {
            left
        }
    }
}
