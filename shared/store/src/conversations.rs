//! The conversation that stands in a chat: one at most, each step written over the one before that was read.

use countersign_core::{ChatId, bot::Contact, bot::paying::Paying, family::Change};

use crate::{
    Guard, Store, StoreError,
    items::{item_until, read},
    keys,
    transaction::{Transaction, Values, number, text},
};

impl Store {
    /// The conversation that stands in a chat, over or not.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn conversation(&self, chat: ChatId) -> Result<Option<Paying>, StoreError> {
        self.get(&keys::conversation(chat)).await?.map(|item| read(item, "conversation")).transpose()
    }

    /// Writes the next step in place of the one that was read, or ends it, with the claim of the update.
    ///
    /// # Errors
    /// Those of the contact; [`Guard::Conversation`] where another update was faster.
    pub async fn commit_conversation(
        &self,
        contact: &Contact,
        chat: ChatId,
        before: Option<&Paying>,
        after: Option<&Paying>,
    ) -> Result<(), StoreError> {
        Transaction::new(self).contact(contact)?.conversation(chat, before, after)?.commit().await
    }

    /// Ends the conversation with what comes of it: the claim of the update, the conversation's end and the change of the family
    /// are one commit.
    ///
    /// # Errors
    /// Those of the contact and of [`Store::commit_family`]; [`Guard::Conversation`] where another update was faster.
    pub async fn commit_paid(
        &self,
        contact: &Contact,
        chat: ChatId,
        ended: &Paying,
        change: &Change,
    ) -> Result<(), StoreError> {
        let told = self.with_plans(change).await?;
        let transaction = Transaction::new(self).contact(contact)?.conversation(chat, Some(ended), None)?;
        transaction.family(told.as_ref().unwrap_or(change))?.commit().await
    }
}

impl Transaction<'_> {
    fn conversation(self, chat: ChatId, before: Option<&Paying>, after: Option<&Paying>) -> Result<Self, StoreError> {
        let key = keys::conversation(chat);
        let (condition, values): (&str, Values) = match before {
            None => ("attribute_not_exists(pk)", vec![]),
            Some(before) => (
                "nonce = :nonce AND version = :version",
                vec![(":nonce", text(&before.nonce)), (":version", number(before.version))],
            ),
        };
        match (before, after) {
            (None, None) => Ok(self),
            (_, Some(after)) => {
                let record = item_until(&key, "conversation", after, after.live_until)?;
                Ok(self.put(Guard::Conversation, record, Some(condition), values))
            }
            (Some(_), None) => Ok(self.delete(Guard::Conversation, &key, condition, values)),
        }
    }
}
