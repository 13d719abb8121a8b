//! One-time forms for keys: given with a link, counted when something is sent, used up with the commit of the key.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{
    Moment,
    bot::Contact,
    keyring::{ClientPermit, KeyForm},
    limits,
};

use super::{entering::own, items::NEW};
use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{item_until, read},
    keys::keyring as of,
    transaction::{Transaction, number},
};

impl Store {
    /// Writes a new form under the hash of its code.
    ///
    /// # Errors
    /// [`Guard::KeyForm`] where the id is taken, [`Guard::Idempotency`].
    pub async fn commit_form(
        &self,
        permit: &ClientPermit,
        name: &str,
        form: &KeyForm,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        own(permit, form.client_id)?;
        Transaction::new(self)
            .put(Guard::KeyForm, item_until(&of::form(name), "key_form", form, form.open_until)?, NEW, vec![])
            .keep(kept)?
            .commit()
            .await
    }

    /// Writes the forms that the bot shows, with the contact that asked for them.
    ///
    /// # Errors
    /// [`Guard::KeyForm`] where an id is taken; those of the contact.
    pub async fn commit_forms(
        &self,
        permit: &ClientPermit,
        forms: &[(String, KeyForm)],
        contact: &Contact,
    ) -> Result<(), StoreError> {
        let mut transaction = Transaction::new(self).contact(contact)?;
        for (name, form) in forms {
            own(permit, form.client_id)?;
            let record = item_until(&of::form(name), "key_form", form, form.open_until)?;
            transaction = transaction.put(Guard::KeyForm, record, NEW, vec![]);
        }
        transaction.commit().await
    }

    /// Reads a form.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn form(&self, name: &str) -> Result<Option<KeyForm>, StoreError> {
        self.get(&of::form(name)).await?.map(|item| read(item, "key_form")).transpose()
    }

    /// Counts a try before anything of what was sent is looked at.
    ///
    /// # Errors
    /// [`Guard::KeyForm`] where it is used up, over, or was tried too often.
    pub async fn try_form(&self, name: &str, now: Moment) -> Result<(), StoreError> {
        let values = vec![
            (":one", number(1)),
            (":most", number(limits::KEY_FORM_TRIES)),
            (":now", number(now.millis())),
            (":no", AttributeValue::Bool(false)),
        ];
        let open = "used = :no AND tries < :most AND open_until > :now";
        let update = "SET tries = tries + :one";
        Transaction::new(self).update(Guard::KeyForm, &of::form(name), update, open, values).commit().await
    }
}

impl Transaction<'_> {
    /// Uses a form up: one request does.
    pub(super) fn use_form(self, name: &str) -> Self {
        let values = vec![(":no", AttributeValue::Bool(false)), (":yes", AttributeValue::Bool(true))];
        self.update(Guard::KeyForm, &of::form(name), "SET used = :yes", "used = :no", values)
    }
}
