//! `POST /clients/revoke-all`: the emergency. An admin asks, another one approves in Telegram, and every client's key is revoked.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use countersign_core::{
    ApprovalId, Person, Refusal, TelegramId,
    approval::{Asker, Change, Mint, Opening, open_key_revocation},
    idempotency::finished,
    keyring::{revocation_reason, unknown_client},
    limits,
    messaging::words::Language,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::KeyringWanted;
use serde::{Deserialize, Serialize};

use crate::{Keys, entry::kept};

const ENDPOINT: &str = "POST /clients/revoke-all";

/// Why.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeAllBody {
    /// What the other admins and the clients read: 1 to 300 characters.
    reason: String,
}

/// That the other admins are asked.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RevokeAllAsked {
    /// `GET /api/v1/approvals/{id}` says what came of it.
    approval_id: u64,
    /// Until then it can be approved.
    expires_at: String,
}

/// Revoke every client's key
///
/// For an emergency. An admin asks; as soon as another one approves in Telegram, nothing signs with any key that was entered until
/// then. Every client's own records then say so, all bots are asked to stop, and the admins are told when the last one is done.
#[utoipa::path(
    post, path = "/clients/revoke-all", tag = "clients", request_body = RevokeAllBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 202, description = "The other admins are asked", body = RevokeAllAsked),
        (status = 400, description = "No reason", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 409, description = "There is no other admin who could be asked in Telegram", body = ProblemDocument),
    )
)]
pub(crate) async fn ask(keys: State<Arc<Keys>>, call: Call) -> Result<Answer, Problem> {
    let known = keys.known(&call).await?;
    let idempotency = call.idempotency().map(|key| (known.scope, key));
    let wanted = KeyringWanted { subject: known.subject, idempotency, ..KeyringWanted::default() };
    let facts = keys.store.keyring_facts(&wanted).await?;
    let permit = known.may(&facts, ENDPOINT)?.everybodys().ok_or_else(unknown_client)?;
    let now = clock::now();
    if let Some(record) = finished(call.idempotency(), facts.idempotency.as_ref(), now)? {
        return Ok(Answer::replay(record));
    }
    let asker = facts.person.as_ref().ok_or_else(|| Refusal::forbidden("This is for an admin"))?;
    let reason = revocation_reason(&call.json::<RevokeAllBody>()?.reason)?;
    let change = keys.revocation(asker, &reason).await?;
    let (approval_id, until) = (change.proposal.id.get(), change.proposal.expires_at.to_rfc3339());
    let answer = Answer::new(StatusCode::ACCEPTED, &RevokeAllAsked { approval_id, expires_at: until })?;
    let kept = kept(&call, known.scope, &answer, now);
    match keys.store.commit_revocation_asked(&permit, &change, kept.as_ref()).await {
        Ok(()) => Ok(answer),
        Err(error) => match keys.store.twin(idempotency, &error, now).await? {
            Some(twin) => Ok(Answer::replay(&twin)),
            None => Err(Refusal::from(error).into()),
        },
    }
}

impl Keys {
    /// The question to the other admins; whoever asks is not among them.
    async fn revocation(&self, asker: &Person, reason: &str) -> Result<Change, Refusal> {
        let mut others = self.store.admins(limits::ADMINS_TOLD).await?;
        others.retain(|admin| admin.user_id != asker.user_id && admin.telegram_id != asker.telegram_id);
        let people: Vec<TelegramId> =
            others.iter().filter_map(|admin| admin.telegram_id).take(limits::ASKED_PEOPLE).collect();
        if people.is_empty() {
            let text =
                "No other admin is bound to Telegram, so nobody could approve it; make one an admin and bind them";
            return Err(Refusal::conflict(text));
        }
        let language_of = |id: TelegramId| {
            let asked = others.iter().find(|admin| admin.telegram_id == Some(id));
            asked.map_or_else(Language::default, |admin| Language::of(&admin.profile))
        };
        let language = Language::of(&asker.profile);
        let asked_by = asker.profile.first_name.clone().unwrap_or_else(|| format!("admin {}", asker.user_id));
        let opening = Opening {
            id: ApprovalId::fresh(clock::now(), clock::random()),
            asker: Asker::KeyRevocation { user_id: asker.user_id, telegram_id: asker.telegram_id, language },
            asked_by: &asked_by,
            language_of: &language_of,
        };
        Ok(open_key_revocation(reason, &people, &opening, &mut Mint::new(clock::now(), clock::random)))
    }
}
