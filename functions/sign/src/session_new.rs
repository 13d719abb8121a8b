//! `POST /api/v1/signing-sessions`: a key is sealed, or named, and may sign until its session ends.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Moment, Refusal, SealContext, SessionId, Subject,
    idempotency::{Replay, replay},
    policy::{self, Permit},
    signing::{Material, NewSession, Session, SignerKind, TurnkeyKey},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_stellar::{AccountKey, parse_secret};
use countersign_store::{Facts, Guard, KeptAnswer, KeyScope, NewSlot, SlotSeen, Wanted};

use crate::{
    Sign, account,
    session_view::{self, BegunSession},
};

const ENDPOINT: &str = "POST /api/v1/signing-sessions";

/// The body, for the OpenAPI document.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documents the body; core's NewSession reads it")]
pub(crate) struct NewSessionBody {
    /// The slot.
    kind: Kind,
    /// Who signs; `client` for `telegram_cloud`, and only for it.
    signer: Signer,
    /// Seconds; a day where nothing is said, at most 90 days.
    expires_in: Option<i64>,
    /// For `local`: `S…`; none: a key is made.
    stellar_secret: Option<String>,
    /// For `turnkey` and `client`.
    turnkey: Option<TurnkeyBody>,
    /// For `kms`: id or ARN of an `ECC_NIST_EDWARDS25519` key.
    kms_key_id: Option<String>,
    /// The account, `G…`: needed where `sign_with` is not its address; else it must be the key's own.
    stellar_public_key: Option<String>,
    /// For a service: whose session.
    telegram_id: Option<i64>,
}

/// A slot for a session: each person has one of each.
#[derive(utoipa::ToSchema)]
#[schema(as = SessionKind, rename_all = "snake_case")]
#[allow(dead_code, reason = "documents the body; core's SessionKind reads it")]
enum Kind {
    SessionKeys,
    TelegramCloud,
    Legacy,
}

/// Who signs.
#[derive(utoipa::ToSchema)]
#[schema(as = SignerKind, rename_all = "snake_case")]
#[allow(dead_code, reason = "documents the body; core's SignerKind reads it")]
enum Signer {
    Local,
    Turnkey,
    Kms,
    Client,
}

/// A wallet at Turnkey.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documents the body; core's TurnkeyKey reads it")]
pub(crate) struct TurnkeyBody {
    /// The sub-organization.
    organization_id: String,
    /// The wallet account's address or the private key's id.
    sign_with: String,
    /// Compressed P-256 key, hex.
    api_public_key: String,
    /// Its private half, hex; not for `client`.
    api_private_key: Option<String>,
}

/// Begin a signing session
///
/// A newer session of a kind replaces the older one. The answer never holds a secret.
#[utoipa::path(
    post, path = "/api/v1/signing-sessions", tag = "signing sessions", request_body = NewSessionBody,
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "Begun", body = BegunSession),
        (status = 400, description = "What is wrong with it", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
        (status = 409, description = "The slot changed meanwhile", body = ProblemDocument),
        (status = 503, description = "KMS is not available", body = ProblemDocument),
    )
)]
pub(crate) async fn create(sign: State<Arc<Sign>>, call: Call) -> Result<Answer, Problem> {
    let caller = sign.gate.admit(&call, &sign.signers.store).await?;
    policy::caller_may(&caller, ENDPOINT)?;
    let now = clock::now();
    let asked = Asked::read(&call)?;
    let subject = session_view::subject(&caller, asked.telegram_id)?;
    let scope = caller.service_id().map_or(KeyScope::Subject(subject), KeyScope::Service);
    let idempotency = call.idempotency().map(|key| (scope, key));
    let wanted = Wanted { subject: Some(subject), sessions: true, idempotency, ..Wanted::default() };
    let facts = sign.signers.store.facts(&wanted).await?;
    let permit = policy::permit(&caller, facts.person.as_ref(), subject, ENDPOINT)?;
    if let Some(key) = call.idempotency()
        && let Replay::Answer(record) = replay(key, facts.idempotency.as_ref(), now)?
    {
        return Ok(Answer::replay(record));
    }
    let session = make(&sign, &call, &asked, subject, now).await?;
    let answer = Answer::created(&BegunSession::of(&session.record()))?;
    let kept = call.idempotency().map(|key| KeptAnswer { scope, key, record: answer.record(key, now) });
    put(&sign, &permit, &session, &facts, kept).await?;
    Ok(answer)
}

/// What is asked for, without its secrets: those are read only where they are sealed.
struct Asked {
    signer: SignerKind,
    telegram_id: Option<countersign_core::TelegramId>,
    kms_key_id: Option<String>,
}

impl Asked {
    fn read(call: &Call) -> Result<Self, Refusal> {
        let body: NewSession = call.object()?;
        body.check()?;
        wallet_account(&body)?;
        Ok(Self { signer: body.signer, telegram_id: body.telegram_id, kms_key_id: body.kms_key_id })
    }
}

/// The data key is fetched first; then the body is read again and its secret sealed without waiting on anything.
async fn make(sign: &Sign, call: &Call, asked: &Asked, subject: Subject, now: Moment) -> Result<Session, Refusal> {
    let id = SessionId::fresh(now, clock::random());
    let context = SealContext::signing_session(subject, id);
    let (material, stellar_public_key) = match asked.signer {
        SignerKind::Local => {
            let sealer = sign.signers.vault.sealer(context).await?;
            let body: NewSession = call.object()?;
            seal_local(sealer, body)?
        }
        SignerKind::Turnkey => {
            let sealer = sign.signers.vault.sealer(context).await?;
            let body: NewSession = call.object()?;
            seal_turnkey(sealer, &body)?
        }
        SignerKind::Kms => {
            let key_id = asked.kms_key_id.as_deref().unwrap_or_default();
            let key = sign.signers.vault.kms_signing_key(key_id, subject).await?;
            let own = AccountKey::new(key.public_key).to_strkey();
            let body: NewSession = call.object()?;
            (Material::Kms(key.arn), account::same(own, body.stellar_public_key.as_deref())?)
        }
        SignerKind::Client => {
            let body: NewSession = call.object()?;
            (Material::Client(turnkey(&body)?.wallet()?), wallet_account(&body)?.unwrap_or_default())
        }
    };
    let body: NewSession = call.object()?;
    Ok(Session {
        id,
        kind: body.kind,
        stellar_public_key,
        created_at: now,
        live_until: body.live_until(now)?,
        material,
    })
}

fn seal_local(sealer: countersign_vault::Sealer, body: NewSession) -> Result<(Material, String), Refusal> {
    let named = body.stellar_public_key;
    let (sealed, public_key) = match body.stellar_secret {
        None => sealer.seal_new_signing_key()?,
        Some(secret) => {
            let text = secret.expose_str().unwrap_or_default();
            let seed =
                parse_secret(text).map_err(|_| Refusal::invalid("stellar_secret is not a Stellar secret seed"))?;
            let public_key = *seed.public_key().as_bytes();
            (sealer.seal(&seed.into_secret())?, public_key)
        }
    };
    let own = AccountKey::new(public_key).to_strkey();
    Ok((Material::Local(sealed), account::same(own, named.as_deref())?))
}

fn seal_turnkey(sealer: countersign_vault::Sealer, body: &NewSession) -> Result<(Material, String), Refusal> {
    let key = turnkey(body)?;
    let wallet = key.wallet()?;
    let secret = key.api_private_key.as_ref().ok_or_else(|| Refusal::invalid("turnkey.api_private_key is missing"))?;
    let sealed = sealer.seal_api_key(secret, &wallet.api_public_key)?;
    Ok((Material::Turnkey(wallet, sealed), wallet_account(body)?.unwrap_or_default()))
}

fn turnkey(body: &NewSession) -> Result<&TurnkeyKey, Refusal> {
    body.turnkey.as_ref().ok_or_else(|| Refusal::invalid("turnkey is missing"))
}

/// The account that a wallet at Turnkey signs for, where one is named.
fn wallet_account(body: &NewSession) -> Result<Option<String>, Refusal> {
    let Some(key) = &body.turnkey else { return Ok(None) };
    account::wallet(key)?;
    account::of_wallet(&key.sign_with, body.stellar_public_key.as_deref()).map(Some)
}

async fn put(
    sign: &Sign,
    permit: &Permit,
    session: &Session,
    facts: &Facts,
    kept: Option<KeptAnswer<'_>>,
) -> Result<(), Refusal> {
    let seen = facts.sessions.iter().find(|before| before.kind == session.kind);
    let seen = seen.map_or(SlotSeen::Empty, |before| SlotSeen::Filled(before.id));
    let committed = sign.signers.store.commit_session(permit, &NewSlot { session, seen, kept }).await;
    match committed {
        Err(error) if error.failed(Guard::KmsKey) => {
            Err(Refusal::invalid("kms_key_id is not this person's key").because(error.to_string()))
        }
        Err(error) if error.failed(Guard::Idempotency) => {
            Err(Refusal::conflict("A request with this Idempotency-Key was first; send it again").retry_after(1))
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok(()),
    }
}
