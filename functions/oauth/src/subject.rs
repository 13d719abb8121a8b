//! Whose linked accounts a call is about: they are kept under the Telegram id, because only that person redeems a code.

use countersign_core::{
    Refusal, Subject, TelegramId,
    gate::Caller,
    idempotency::IdempotencyKey,
    policy::{self, Permit},
};
use countersign_edge::Call;
use countersign_store::{Facts, KeyScope, Wanted};
use serde::Deserialize;

use crate::Oauth;

/// The query by which a service names a person.
#[derive(Deserialize, Default)]
pub(crate) struct Named {
    pub(crate) telegram_id: Option<TelegramId>,
}

/// The person's own, or those of the one that a service names.
///
/// # Errors
/// 403 where a person names another; 400 where a service names nobody.
pub(crate) fn subject(caller: &Caller, named: &Named) -> Result<Subject, Refusal> {
    match (caller.subject(), named.telegram_id.map(Subject::Telegram)) {
        (Some(own), None) => Ok(own),
        (Some(own), Some(named)) if own == named => Ok(own),
        (Some(_), Some(_)) => Err(Refusal::forbidden("telegram_id is not the caller's own")),
        (None, Some(named)) => Ok(named),
        (None, None) => Err(Refusal::invalid("telegram_id is missing: a service names the person it acts for")),
    }
}

/// Who was let in to change whose linked accounts, and what was read of them.
pub(crate) struct Entered<'a> {
    pub(crate) subject: Subject,
    pub(crate) permit: Permit,
    pub(crate) scope: KeyScope,
    /// Where the record of the call's idempotency key is, where it has one.
    pub(crate) idempotency: Option<(KeyScope, &'a IdempotencyKey)>,
    pub(crate) facts: Facts,
}

impl Oauth {
    /// Lets a call in that may be repeated: the person and the record of its key are one read.
    ///
    /// # Errors
    /// Those of the gate, of [`subject`] and of the permit.
    pub(crate) async fn enter<'a>(&self, call: &'a Call, endpoint: &'static str) -> Result<Entered<'a>, Refusal> {
        let store = &self.links.store;
        let caller = self.gate.admit(call, store).await?;
        let named: Named = call.query()?;
        let subject = subject(&caller, &named)?;
        let scope = caller.service_id().map_or(KeyScope::Subject(subject), KeyScope::Service);
        let idempotency = call.idempotency().map(|key| (scope, key));
        let facts = store.facts(&Wanted { subject: Some(subject), idempotency, ..Wanted::default() }).await?;
        let permit = policy::permit(&caller, facts.person.as_ref(), subject, endpoint)?;
        Ok(Entered { subject, permit, scope, idempotency, facts })
    }
}

/// The Telegram id.
///
/// # Errors
/// 409 where the person has none: nobody could redeem the code.
pub(crate) fn telegram_id(subject: Subject) -> Result<TelegramId, Refusal> {
    match subject {
        Subject::Telegram(id) => Ok(id),
        Subject::User(_) => Err(Refusal::conflict("Bind your Telegram account first")),
    }
}
