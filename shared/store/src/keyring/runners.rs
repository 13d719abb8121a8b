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
    Guard, Store, StoreError,
    items::{item_until, read},
    keys::keyring as of,
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
}
