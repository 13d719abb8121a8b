//! States and codes of linked accounts: each taken once, by its condition; whether TTL has run decides nothing.

use countersign_core::{
    Moment, Sealed, Subject, TelegramId,
    bot::Contact,
    connection::{StoredCode, StoredState},
    limits,
    policy::Permit,
};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{item_until, read},
    keys::{self, PENDING_AT, PENDING_CONNECTIONS, PENDING_PK},
    transaction::{Transaction, number, text},
};

/// What a write of a person's comes beside: the answer to an idempotency key, or the update of Telegram's that caused it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// The answer to keep.
    pub kept: Option<&'a KeptAnswer<'a>>,
    /// The contact to claim.
    pub contact: Option<&'a Contact>,
}

#[derive(Serialize, Deserialize)]
struct CodeItem {
    provider: String,
    telegram_id: TelegramId,
    sealed: ByteBuf,
    consented_at: Moment,
    live_until: Moment,
}

#[derive(Serialize, Deserialize)]
struct RedemptionItem {
    provider: String,
    taken_at: Moment,
}

impl Transaction<'_> {
    pub(crate) fn beside(self, beside: Beside<'_>) -> Result<Self, StoreError> {
        let claimed = match beside.contact {
            Some(contact) => self.contact(contact)?,
            None => self,
        };
        claimed.keep(beside.kept)
    }
}

impl Store {
    /// Keeps the state of an authorization request under its hash.
    ///
    /// # Errors
    /// [`Guard::OauthState`] where it is there; the guards of what it comes beside.
    pub async fn commit_state(
        &self,
        _permit: &Permit,
        name: &str,
        state: &StoredState,
        beside: Beside<'_>,
    ) -> Result<(), StoreError> {
        let stored = item_until(&keys::oauth_state(name), "oauth_state", state, state.live_until)?;
        Transaction::new(self)
            .put(Guard::OauthState, stored, Some("attribute_not_exists(pk)"), vec![])
            .beside(beside)?
            .commit()
            .await
    }

    /// Reads the state of this hash.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn oauth_state(&self, name: &str) -> Result<Option<StoredState>, StoreError> {
        self.get(&keys::oauth_state(name)).await?.map(|item| read(item, "oauth_state")).transpose()
    }

    /// Takes a state and keeps the code that came with it. The state itself is the proof that this may be written.
    ///
    /// # Errors
    /// [`Guard::OauthState`] where the state was used or is over.
    pub async fn commit_code(&self, state_name: &str, code: &StoredCode) -> Result<(), StoreError> {
        let stored = CodeItem {
            provider: code.provider.clone(),
            telegram_id: code.telegram_id,
            sealed: ByteBuf::from(code.sealed.as_bytes()),
            consented_at: code.consented_at,
            live_until: code.live_until(),
        };
        let stored = item_until(&keys::oauth_code(&code.name), "oauth_code", stored, code.live_until())?;
        let values = vec![(":now", number(code.consented_at.millis())), (":telegram_id", number(code.telegram_id))];
        let condition = "live_until > :now AND telegram_id = :telegram_id";
        Transaction::new(self)
            .delete(Guard::OauthState, &keys::oauth_state(state_name), condition, values)
            .put(Guard::OauthCode, stored, Some("attribute_not_exists(pk)"), vec![])
            .commit()
            .await
    }

    /// Reads the code of this hash.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn oauth_code(&self, name: &str) -> Result<Option<StoredCode>, StoreError> {
        let Some(item) = self.get(&keys::oauth_code(name)).await? else { return Ok(None) };
        let stored: CodeItem = read(item, "oauth_code")?;
        Ok(Some(StoredCode {
            name: name.to_owned(),
            provider: stored.provider,
            telegram_id: stored.telegram_id,
            sealed: Sealed::new(stored.sealed.into_vec()),
            consented_at: stored.consented_at,
        }))
    }

    /// Takes a code for the person of the contact: from now on nobody can, and until [`Store::commit_connection`] or
    /// [`Store::commit_no_connection`] a redemption stands open, which the schedule finds where the function dies.
    ///
    /// # Errors
    /// [`Guard::OauthCode`] where it was taken, is over or another's; the contact's guards.
    pub async fn commit_taken(&self, permit: &Permit, code: &StoredCode, contact: &Contact) -> Result<(), StoreError> {
        let (at, subject) = (contact.at(), permit.subject());
        let until = at.plus_seconds(limits::OAUTH_REVOKE_SECONDS);
        let key = keys::redemption(subject, &code.name);
        let open = RedemptionItem { provider: code.provider.clone(), taken_at: at };
        let mut open = item_until(&key, "redemption", open, until)?;
        open.insert(PENDING_PK.into(), text(PENDING_CONNECTIONS));
        open.insert(PENDING_AT.into(), number(at.plus_seconds(limits::OAUTH_REDEMPTION_SECONDS).millis()));
        let owner = match subject {
            Subject::Telegram(id) => number(id),
            Subject::User(_) => number(0),
        };
        let values = vec![(":now", number(at.millis())), (":telegram_id", owner)];
        let condition = "live_until > :now AND telegram_id = :telegram_id";
        Transaction::new(self)
            .delete(Guard::OauthCode, &keys::oauth_code(&code.name), condition, values)
            .put(Guard::Redemption, open, Some("attribute_not_exists(pk)"), vec![])
            .contact(contact)?
            .commit()
            .await
    }

    /// The provider of a redemption that stands open.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn redemption(&self, subject: Subject, code_name: &str) -> Result<Option<String>, StoreError> {
        let Some(item) = self.get(&keys::redemption(subject, code_name)).await? else { return Ok(None) };
        read::<RedemptionItem>(item, "redemption").map(|open| Some(open.provider))
    }

    /// Destroys a code that another person has sent.
    ///
    /// # Errors
    /// [`Guard::OauthCode`] where it is gone; the contact's guards.
    pub async fn commit_destroyed(&self, code: &StoredCode, contact: &Contact) -> Result<(), StoreError> {
        Transaction::new(self)
            .delete(Guard::OauthCode, &keys::oauth_code(&code.name), "attribute_exists(pk)", vec![])
            .contact(contact)?
            .commit()
            .await
    }

    /// Closes a redemption that brought no connection; its person is told so by whoever calls this.
    ///
    /// # Errors
    /// [`Guard::Redemption`] where the schedule was first, and has told them.
    pub async fn commit_no_connection(&self, permit: &Permit, code_name: &str) -> Result<(), StoreError> {
        Transaction::new(self).close_redemption(permit.subject(), code_name).commit().await
    }
}

impl Transaction<'_> {
    /// Closes a redemption, exactly once: here, or by the schedule.
    pub(crate) fn close_redemption(self, subject: Subject, code_name: &str) -> Self {
        self.delete(Guard::Redemption, &keys::redemption(subject, code_name), "attribute_exists(pk)", vec![])
    }
}
