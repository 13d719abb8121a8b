//! Runner tokens: given, listed, taken back.

use countersign_core::{
    BotId, Moment, RunnerTokenId,
    keyring::{ClientPermit, RunnerToken},
};

use super::{
    entering::own,
    items::{KeyringAlong, NEW},
};
use crate::{
    Guard, Page, Store, StoreError,
    items::{item_until, read},
    keys::keyring as of,
    lists::{read_cursor, write_cursor},
    transaction::Transaction,
};

impl Store {
    /// Writes a new runner token's hash.
    ///
    /// # Errors
    /// [`Guard::RunnerToken`] where the id is taken, [`Guard::Bot`] where the bot is not there, [`Guard::Idempotency`].
    pub async fn commit_runner_token(
        &self,
        permit: &ClientPermit,
        token: &RunnerToken,
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        let client = own(permit, token.client_id)?;
        let key = of::runner(client, token.bot_id, token.id);
        Transaction::new(self)
            .check(Guard::Bot, &of::bot(client, token.bot_id), "attribute_exists(pk)", vec![])
            .put(Guard::RunnerToken, item_until(&key, "runner_token", token, token.good_until)?, NEW, vec![])
            .along(along)?
            .commit()
            .await
    }

    /// Takes a runner token back: it is good for nothing from this commit on.
    ///
    /// # Errors
    /// [`Guard::RunnerToken`] where it is not there, [`Guard::Idempotency`].
    pub async fn commit_runner_token_end(
        &self,
        permit: &ClientPermit,
        (bot, token): (BotId, RunnerTokenId),
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        let key = of::runner(permit.client_id(), bot, token);
        Transaction::new(self)
            .delete(Guard::RunnerToken, &key, "attribute_exists(pk)", vec![])
            .along(along)?
            .commit()
            .await
    }

    /// The runner tokens of a bot that are good now, oldest first.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn runner_tokens(
        &self,
        permit: &ClientPermit,
        bot: BotId,
        now: Moment,
    ) -> Result<Vec<RunnerToken>, StoreError> {
        let found = self.all(&of::partition(permit.client_id()), &of::runner_prefix(bot)).await?;
        let tokens: Vec<RunnerToken> =
            found.into_iter().map(|item| read(item, "runner_token")).collect::<Result<_, _>>()?;
        Ok(tokens.into_iter().filter(|token| token.good_until > now).collect())
    }

    /// A page of them: there are few, so all are read.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn page_of_runner_tokens(
        &self,
        permit: &ClientPermit,
        (bot, now): (BotId, Moment),
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<RunnerToken>, StoreError> {
        let after: Option<RunnerTokenId> = cursor.map(read_cursor).transpose()?;
        let tokens = self.runner_tokens(permit, bot, now).await?;
        let mut left = tokens.into_iter().filter(|token| after.is_none_or(|after| token.id > after));
        let items: Vec<RunnerToken> = left.by_ref().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
        let more = left.next().is_some();
        let next_cursor = items.last().filter(|_| more).map(|last| write_cursor(last.id));
        Ok(Page { items, next_cursor })
    }
}
