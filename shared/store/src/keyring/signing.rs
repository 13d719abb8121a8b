//! A signature of a bot's: one commit records it, spends the bot's limit, and holds that nothing was revoked meanwhile.

use countersign_core::{
    gate::Runner,
    keyring::{Bot, ClientKey, KeyUse, Spent},
    limits,
};

use super::items::NEW;
use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{item, item_until},
    keys::keyring as of,
    transaction::{Transaction, number},
};

impl Store {
    /// Records a use of a client's key. The signature may leave the house only once this has committed: the key is still the
    /// one that signed, the bot still runs, its token is still good, and the hour's limit was not reached by another.
    ///
    /// # Errors
    /// [`Guard::ClientKey`], [`Guard::Bot`], [`Guard::RunnerToken`] where they changed since they were read, [`Guard::Spent`]
    /// where another signature was faster, [`Guard::KeyUse`] where the id is taken, [`Guard::Idempotency`].
    pub async fn commit_key_use(
        &self,
        runner: &Runner,
        (key, bot): (&ClientKey, &Bot),
        spent: &Spent,
        used: &KeyUse,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let ids = runner.ids();
        let (client, bot_id) = (ids.client_id, ids.bot_id);
        let until = used.signed_at.plus_seconds(limits::KEY_USES_KEPT_SECONDS);
        let (condition, values) = match spent.version {
            0 | 1 => ("attribute_not_exists(pk)", vec![]),
            version => ("version = :before", vec![(":before", number(version - 1))]),
        };
        let good = ("good_until > :now", vec![(":now", number(used.signed_at.millis()))]);
        Transaction::new(self)
            .while_key(key)
            .check(Guard::Bot, &of::bot(client, bot_id), "version = :version", vec![(":version", number(bot.version))])
            .check(Guard::RunnerToken, &of::runner(client, bot_id, ids.token_id), good.0, good.1)
            .put(Guard::Spent, item(&of::spent(client, bot_id), "bot_spent", spent)?, Some(condition), values)
            .put(Guard::KeyUse, item_until(&of::key_use(client, used.id), "key_use", used, until)?, NEW, vec![])
            .keep(kept)?
            .commit()
            .await
    }
}
