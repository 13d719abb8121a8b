//! Who has made which message of a chat: written when the message's number becomes known.

use countersign_core::{ChatId, Moment, limits, messaging::Made};

use crate::{
    Guard, Store, StoreError,
    items::{item_until, read},
    keys,
    transaction::Transaction,
};

impl Store {
    /// Who has made this message of a chat; none where the house did not, or no longer knows.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn made(&self, chat: ChatId, message_id: i64) -> Result<Option<Made>, StoreError> {
        self.get(&keys::made(chat, message_id)).await?.map(|item| read(item, "made")).transpose()
    }
}

impl Transaction<'_> {
    /// Notes who has made a message.
    pub(crate) fn made(self, chat: ChatId, message_id: i64, made: Made, at: Moment) -> Result<Self, StoreError> {
        let until = at.plus_seconds(limits::MADE_KEPT_SECONDS);
        let record = item_until(&keys::made(chat, message_id), "made", made, until)?;
        Ok(self.put(Guard::Out, record, None, vec![]))
    }
}
