//! `POST /api/v1/signing-sessions/import`: rows of the old database; Fernet-encrypted keys are opened once and sealed anew.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Moment, Refusal, SealContext, Secret, SessionId, Subject, TelegramId, UserId,
    idempotency::{IdempotencyKey, Replay, replay},
    limits,
    policy::{self, Permit},
    signing::Session,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{Guard, ImportedPerson, KeptAnswer, KeyScope, NewSlot, SlotSeen, Wanted};
use countersign_vault::{FernetKeys, Sealer};
use serde::{Deserialize, Serialize};

use crate::{Sign, import_row::Row};

/// How often a person's id is drawn anew where it is taken.
const ID_TRIES: usize = 5;

const ENDPOINT: &str = "POST /api/v1/signing-sessions/import";

/// Rows of the old database.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportBody {
    /// At most 100.
    #[schema(value_type = Vec<Row>)]
    rows: Vec<serde_json::Value>,
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
/// For an admin. A row never replaces a session that is there and never brings an ended one back, so the same rows may be sent again.
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
    call.presented().only_token()?;
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
    let body: ImportBody = call.object()?;
    if body.rows.is_empty() || body.rows.len() > limits::IMPORT_ROWS {
        return Err(Refusal::invalid(format!("rows must be 1 to {}", limits::IMPORT_ROWS)).into());
    }
    if let Some(record) = sign.signers.store.begin_run(idempotency, now).await? {
        return Ok(Answer::replay(&record));
    }
    let answered = Import { sign: &sign, admin: &permit, now }.answered(body.rows, idempotency).await;
    if answered.is_err() {
        sign.signers.store.end_run(idempotency, now).await;
    }
    Ok(answered?)
}

/// One import. A row that is wrong fails alone; a table or KMS that is not there ends the import.
struct Import<'a> {
    sign: &'a Sign,
    admin: &'a Permit,
    now: Moment,
}

/// How far a row has come: only one whose key is sealed, or that has none, is written.
enum Stage {
    Failed(Refusal),
    Skipped,
    Mark(TelegramId),
    Seal(Box<Row>, SessionId, Sealer),
    Commit(TelegramId, Box<Session>),
}

impl Import<'_> {
    /// The rows, and their answer kept for the request's key.
    async fn answered(
        &self,
        rows: Vec<serde_json::Value>,
        asked: Option<(KeyScope, &IdempotencyKey)>,
    ) -> Result<Answer, Refusal> {
        let answer = Answer::ok(&ImportAnswer { results: self.rows(rows).await? })?;
        if let Some((scope, key)) = asked {
            let kept = KeptAnswer { scope, key, record: answer.record(key, self.now) };
            self.sign.signers.store.keep_answer_of_run(&kept).await?;
        }
        Ok(answer)
    }

    /// Data keys first; then, without waiting on anything, every key is opened and sealed; then the rows are written.
    async fn rows(&self, rows: Vec<serde_json::Value>) -> Result<Vec<RowResult>, Refusal> {
        let mut stages = Vec::with_capacity(rows.len());
        for row in rows {
            stages.push(self.prepared(row).await?);
        }
        let text = self.fernet_text().await?;
        let stages = seal_all(&text, stages, self.now)?;
        drop(text);
        let mut results = Vec::with_capacity(stages.len());
        for (row, stage) in stages.into_iter().enumerate() {
            results.push(self.written(row, stage).await?);
        }
        Ok(results)
    }

    async fn prepared(&self, row: serde_json::Value) -> Result<Stage, Refusal> {
        let read = serde_json::from_value::<Row>(row)
            .map_err(|_| Refusal::invalid("the row is not of the form of a row"))
            .and_then(|row| row.check().map(|()| row));
        let row = match read {
            Ok(row) => row,
            Err(refusal) => return Ok(Stage::Failed(refusal)),
        };
        if !row.has_key() {
            return Ok(Stage::Mark(row.telegram_id));
        }
        let subject = Subject::Telegram(row.telegram_id);
        let wanted = Wanted { subject: Some(subject), sessions: true, ..Wanted::default() };
        let facts = self.sign.signers.store.facts(&wanted).await?;
        if facts.sessions.iter().any(|session| session.kind == row.kind()) {
            return Ok(Stage::Skipped);
        }
        let id = SessionId::fresh(self.now, clock::random());
        let sealer = self.sign.signers.vault.sealer(SealContext::signing_session(subject, id)).await?;
        Ok(Stage::Seal(Box::new(row), id, sealer))
    }

    /// Reads the secret with the Fernet keys: for each import anew, because it is rare.
    async fn fernet_text(&self) -> Result<Secret, Refusal> {
        let id = self.sign.import_secret_id.as_deref();
        let id = id.ok_or_else(|| Refusal::unavailable("IMPORT_SECRET_ID is not set"))?;
        let text = self.sign.gate.secrets().text(id).await;
        text.map_err(|error| Refusal::unavailable(format!("the import secret: {error}")))
    }

    async fn written(&self, row: usize, stage: Stage) -> Result<RowResult, Refusal> {
        let result = |status, session_id, reason| RowResult { row, status, session_id, reason };
        match stage {
            Stage::Failed(refusal) => Ok(result("failed", None, Some(refusal.public.into_owned()))),
            Stage::Skipped => Ok(result("skipped", None, None)),
            Stage::Seal(..) => Err(Refusal::internal("a row that was not sealed")),
            Stage::Mark(telegram_id) => {
                self.mark(telegram_id).await?;
                Ok(result("marked", None, None))
            }
            Stage::Commit(telegram_id, session) => {
                let permit = self.mark(telegram_id).await?;
                let slot = NewSlot { session: &session, seen: SlotSeen::NeverImported, kept: None };
                match self.sign.signers.store.commit_session(&permit, &slot).await {
                    Ok(()) => Ok(result("imported", Some(session.id.get()), None)),
                    Err(error) if error.failed(Guard::Session) => Ok(result("skipped", None, None)),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// Ids of one millisecond may collide, so a taken one is drawn anew.
    async fn mark(&self, telegram_id: TelegramId) -> Result<Permit, Refusal> {
        let permit = self.admin.to_import_for(Subject::Telegram(telegram_id))?;
        for _ in 0..ID_TRIES {
            let user_id = UserId::fresh(clock::now(), clock::random());
            let imported = ImportedPerson { telegram_id, user_id, at: self.now };
            match self.sign.signers.store.mark_from_old_database(&permit, &imported).await {
                Ok(()) => return Ok(permit),
                Err(error) if error.failed(Guard::User) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::unavailable("no free user id"))
    }
}

/// Opens and seals every key. The Fernet keys live no longer than this.
fn seal_all(text: &Secret, stages: Vec<Stage>, now: Moment) -> Result<Vec<Stage>, Refusal> {
    #[derive(Deserialize)]
    struct ImportSecret {
        fernet_keys: Vec<Secret>,
    }
    let secret: ImportSecret = serde_json::from_slice(text.expose())
        .map_err(|_| Refusal::unavailable("the import secret is not of its form"))?;
    let keys = FernetKeys::new(secret.fernet_keys.iter().filter_map(Secret::expose_str))
        .map_err(|_| Refusal::unavailable("the import secret holds no Fernet keys"))?;
    let seal = |stage| match stage {
        Stage::Seal(row, id, sealer) => match row.session(&keys, id, sealer, now) {
            Ok(session) => Stage::Commit(row.telegram_id, Box::new(session)),
            Err(refusal) => Stage::Failed(refusal),
        },
        stage => stage,
    };
    Ok(stages.into_iter().map(seal).collect())
}
