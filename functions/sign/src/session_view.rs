//! What is shown of a signing session, and whose sessions a call is about.

use countersign_core::{Moment, Refusal, Subject, TelegramId, gate::Caller, signing::SessionRecord};
use serde::Serialize;

/// A signing session as it begins, never its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct BegunSession {
    /// Its id.
    id: u64,
    /// `session_keys`, `telegram_cloud` or `legacy`.
    kind: &'static str,
    /// `local`, `turnkey`, `kms` or `client`.
    signer: &'static str,
    /// The wire's name for it.
    signing_method: &'static str,
    /// The account it signs for.
    stellar_public_key: String,
    /// When it began.
    created_at: String,
    /// When it no longer signs.
    expires_at: String,
}

/// A signing session, never its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SessionView {
    #[serde(flatten)]
    begun: BegunSession,
    /// `live`, `expired` or `ended`.
    status: &'static str,
    /// When it was ended or replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
}

impl BegunSession {
    pub(crate) fn of(record: &SessionRecord) -> Self {
        Self {
            id: record.id.get(),
            kind: record.kind.authenticator_type(),
            signer: record.signer.as_str(),
            signing_method: record.kind.signing_method(),
            stellar_public_key: record.stellar_public_key.clone(),
            created_at: record.created_at.to_rfc3339(),
            expires_at: record.live_until.to_rfc3339(),
        }
    }
}

impl SessionView {
    pub(crate) fn of(record: &SessionRecord, now: Moment) -> Self {
        Self {
            begun: BegunSession::of(record),
            status: record.status(now),
            ended_at: record.ended.as_ref().map(|ended| ended.at.to_rfc3339()),
        }
    }
}

/// Whose sessions: the person's own, or the one that a service names.
///
/// # Errors
/// 403 where a person names another; 400 where a service names nobody.
pub(crate) fn subject(caller: &Caller, named: Option<TelegramId>) -> Result<Subject, Refusal> {
    match (caller.subject(), named.map(Subject::Telegram)) {
        (Some(own), None) => Ok(own),
        (Some(own), Some(named)) if own == named => Ok(own),
        (Some(_), Some(_)) => Err(Refusal::forbidden("telegram_id is not the caller's own")),
        (None, Some(named)) => Ok(named),
        (None, None) => Err(Refusal::invalid("telegram_id is missing: a service names the person it acts for")),
    }
}
