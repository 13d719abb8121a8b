//! Whose linked accounts a call is about: they are kept under the Telegram id, because only that person redeems a code.

use countersign_core::{Refusal, Subject, TelegramId, gate::Caller};
use serde::Deserialize;

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
