//! `POST /api/v1/signing-sessions/import`: rows of the old database; Fernet-encrypted keys are opened once and sealed anew.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Moment, Refusal, SealContext, Secret, SessionId, Subject, TelegramId, UserId,
    idempotency::{Replay, replay},
    limits,
    policy::{self, Permit},
    signing::{Material, Session, SessionKind, TurnkeyKey},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_stellar::parse_secret;
use countersign_store::{Guard, ImportedPerson, KeyScope, NewSlot, SlotSeen, Wanted};
use countersign_vault::{FernetKeys, Sealer};
use serde::{Deserialize, Serialize};

use crate::{Sign, account};

const ENDPOINT: &str = "POST /api/v1/signing-sessions/import";

/// Rows of the old database.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportBody {
    /// At most 100.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<serde_json::Value>,
}

/// One row: a person, and the key that they had, if any.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    telegram_id: TelegramId,
    /// The slot; `legacy` where nothing is said.
    #[serde(default)]
    authenticator_type: Option<SessionKind>,
    /// A Fernet token of the `S…` secret.
    #[serde(default)]
    encrypted_secret: Option<String>,
    #[serde(default)]
    turnkey: Option<RowWallet>,
    #[serde(default)]
    stellar_public_key: Option<String>,
    #[serde(default)]
    expires_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowWallet {
    organization_id: String,
    sign_with: String,
    api_public_key: String,
    /// A Fernet token of the API key's hex; none for a key that is in Telegram's cloud storage.
    #[serde(default)]
    encrypted_api_private_key: Option<String>,
}

/// What became of one row.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RowResult {
    /// The row's place, from 0.
    row: usize,
    /// `imported`, `marked` (a person without a key), `skipped` (the slot is filled) or `failed`.
    status: &'static str,
    /// The new session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<u64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What became of the rows.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ImportAnswer {
    /// In the order of the rows.
    results: Vec<RowResult>,
}

/// Import rows of the old database
///
/// For an admin. A row never replaces a session that is there, so the same rows may be sent again.
#[utoipa::path(
    post, path = "/api/v1/signing-sessions/import", tag = "signing sessions", request_body = ImportBody,
    security(("access_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "What became of each row", body = ImportAnswer),
        (status = 400, description = "Not rows", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 503, description = "KMS or the import's secret is not available", body = ProblemDocument),
    )
)]
pub(crate) async fn import(sign: State<Arc<Sign>>, call: Call) -> Result<Answer, Problem> {
    let caller = sign.gate.admit(&call, &sign.signers.store).await?;
    let now = clock::now();
    let admin = caller.subject().ok_or_else(|| Refusal::forbidden("An import is for an admin"))?;
    let scope = KeyScope::Subject(admin);
    let idempotency = call.idempotency().map(|key| (scope, key));
    let facts = sign.signers.store.facts(&Wanted { subject: Some(admin), idempotency, ..Wanted::default() }).await?;
    let permit = policy::permit(&caller, facts.person.as_ref(), admin, ENDPOINT)?;
    if let Some(key) = call.idempotency()
        && let Replay::Answer(record) = replay(key, facts.idempotency.as_ref(), now)?
    {
        return Ok(Answer::replay(record));
    }
    let body: ImportBody = call.json()?;
    if body.rows.is_empty() || body.rows.len() > limits::IMPORT_ROWS {
        return Err(Refusal::invalid(format!("rows must be 1 to {}", limits::IMPORT_ROWS)).into());
    }
    let keys = fernet_keys(&sign).await?;
    let mut results = Vec::with_capacity(body.rows.len());
    for (row, value) in body.rows.into_iter().enumerate() {
        results.push(one(&sign, &permit, &keys, row, value).await?);
    }
    let answer = Answer::ok(&ImportAnswer { results })?;
    if let Some(key) = call.idempotency() {
        sign.signers.store.keep_answer(scope, key, answer.record(key, now)).await?;
    }
    Ok(answer)
}

/// The keys are read for each import: it is rare, and they should not stay in memory.
async fn fernet_keys(sign: &Sign) -> Result<FernetKeys, Refusal> {
    #[derive(Deserialize)]
    struct ImportSecret {
        fernet_keys: Vec<Secret>,
    }
    let id = sign.import_secret_id.as_deref().ok_or_else(|| Refusal::unavailable("IMPORT_SECRET_ID is not set"))?;
    let text =
        sign.secrets.text(id).await.map_err(|error| Refusal::unavailable(format!("the import secret: {error}")))?;
    let secret: ImportSecret = serde_json::from_slice(text.expose())
        .map_err(|_| Refusal::unavailable("the import secret is not of its form"))?;
    let keys = secret.fernet_keys.iter().filter_map(Secret::expose_str);
    FernetKeys::new(keys).map_err(|_| Refusal::unavailable("the import secret holds no Fernet keys"))
}

/// A row that is wrong fails alone; a table or KMS that is not there ends the import.
async fn one(
    sign: &Sign,
    admin: &Permit,
    keys: &FernetKeys,
    row: usize,
    value: serde_json::Value,
) -> Result<RowResult, Refusal> {
    let result = |status, session_id, reason| RowResult { row, status, session_id, reason };
    let read: Row = match serde_json::from_value(value) {
        Ok(read) => read,
        Err(_) => return Ok(result("failed", None, Some("the row is not of the form of a row".into()))),
    };
    match keep(sign, admin, keys, &read).await {
        Ok(Kept::Imported(id)) => Ok(result("imported", Some(id.get()), None)),
        Ok(Kept::Marked) => Ok(result("marked", None, None)),
        Ok(Kept::Skipped) => Ok(result("skipped", None, None)),
        Err(refusal) if refusal.kind == countersign_core::RefusalKind::Unavailable => Err(refusal),
        Err(refusal) => Ok(result("failed", None, Some(refusal.public.into_owned()))),
    }
}

enum Kept {
    Imported(SessionId),
    Marked,
    Skipped,
}

async fn keep(sign: &Sign, admin: &Permit, keys: &FernetKeys, row: &Row) -> Result<Kept, Refusal> {
    let now = clock::now();
    row.check()?;
    let user_id = UserId::fresh(now, clock::random());
    let imported = ImportedPerson { telegram_id: row.telegram_id, user_id, at: now };
    sign.signers.store.mark_from_old_database(&imported).await?;
    let subject = Subject::Telegram(row.telegram_id);
    if row.encrypted_secret.is_none() && row.turnkey.is_none() {
        return Ok(Kept::Marked);
    }
    let kind = row.authenticator_type.unwrap_or(SessionKind::Legacy);
    let facts =
        sign.signers.store.facts(&Wanted { subject: Some(subject), sessions: true, ..Wanted::default() }).await?;
    if facts.sessions.iter().any(|session| session.kind == kind) {
        return Ok(Kept::Skipped);
    }
    let id = SessionId::fresh(now, clock::random());
    let sealer = sign.signers.vault.sealer(SealContext::signing_session(subject, id)).await?;
    let (material, stellar_public_key) = row.material(keys, sealer)?;
    let live_until = row.live_until(now)?;
    let session = Session { id, kind, stellar_public_key, created_at: now, live_until, material };
    let slot = NewSlot { session: &session, seen: SlotSeen::Empty, kept: None };
    match sign.signers.store.commit_session(&admin.to_import_for(subject)?, &slot).await {
        Ok(()) => Ok(Kept::Imported(id)),
        Err(error) if error.failed(Guard::Session) => Ok(Kept::Skipped),
        Err(error) => Err(error.into()),
    }
}

impl Row {
    fn check(&self) -> Result<(), Refusal> {
        if self.encrypted_secret.is_some() && self.turnkey.is_some() {
            return Err(Refusal::invalid("a row has either encrypted_secret or turnkey"));
        }
        let cloud = self.authenticator_type == Some(SessionKind::TelegramCloud);
        let client = self.turnkey.as_ref().is_some_and(|wallet| wallet.encrypted_api_private_key.is_none());
        if cloud != client {
            return Err(Refusal::invalid(
                "a Turnkey key without its private half goes with telegram_cloud, and only with it",
            ));
        }
        self.live_until(Moment::from_seconds(0)).map(|_| ())
    }

    fn live_until(&self, now: Moment) -> Result<Moment, Refusal> {
        let Some(text) = &self.expires_at else {
            return Ok(now.plus_seconds(limits::SIGNING_SESSION_DEFAULT_SECONDS));
        };
        Moment::parse_rfc3339(text).ok_or_else(|| Refusal::invalid("expires_at is not RFC 3339"))
    }

    /// Opens and seals anew, without waiting on anything in between.
    fn material(&self, keys: &FernetKeys, sealer: Sealer) -> Result<(Material, String), Refusal> {
        let unopened = |_| Refusal::invalid("the Fernet token does not open");
        if let Some(token) = &self.encrypted_secret {
            let secret = keys.open(token).map_err(unopened)?;
            let seed = parse_secret(secret.expose_str().unwrap_or_default())
                .map_err(|_| Refusal::invalid("encrypted_secret holds no Stellar secret seed"))?;
            let address = account::same(seed.public_key().to_strkey(), self.stellar_public_key.as_deref())?;
            return Ok((Material::Local(sealer.seal(&seed.into_secret())?), address));
        }
        let wallet = self.turnkey.as_ref().ok_or_else(|| Refusal::invalid("a row without a key"))?;
        let named = TurnkeyKey {
            organization_id: wallet.organization_id.clone(),
            sign_with: wallet.sign_with.clone(),
            api_public_key: wallet.api_public_key.clone(),
            api_private_key: None,
        };
        let (named, address) =
            (named.wallet()?, account::of_wallet(&wallet.sign_with, self.stellar_public_key.as_deref())?);
        match &wallet.encrypted_api_private_key {
            None => Ok((Material::Client(named), address)),
            Some(token) => {
                let secret = keys.open(token).map_err(unopened)?;
                let sealed = sealer.seal_api_key(&secret, &named.api_public_key)?;
                Ok((Material::Turnkey(named, sealed), address))
            }
        }
    }
}
