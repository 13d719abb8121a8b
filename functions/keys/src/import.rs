//! `POST /clients/import`: rows of the old system; Fernet-encrypted keys are opened once and sealed anew.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    ClientId, Moment, Refusal, RefusalKind, Secret,
    idempotency::{IdempotencyKey, finished},
    keyring::{
        Client, ClientKey, ClientPermit, Entered, EveryClientPermit, KeyEvent, KeyHappening, KeyNotice, KeyStanding,
        RoleGrant, name, switched, taken, unknown_client,
    },
    limits,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{KeptAnswer, KeyScope, KeyringAlong, KeyringWanted, NewKey};
use countersign_vault::{FernetKeys, TradingKey};
use serde::{Deserialize, Serialize};

use crate::{
    Keys,
    entering::{Entry, Looked, lost},
    entry::event,
    import_row::Row,
    setup::Order,
    telling,
};

const ENDPOINT: &str = "POST /clients/import";

/// Rows of the old system.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientImportBody {
    /// At most 25, each `{"client": {"email" | "telegram_id" | "user_id", "name"}, "encrypted_private_key", "address"?,
    /// "bots": [{"name", "bot_type", "config"?}]}`.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<serde_json::Value>,
}

/// What became of one row.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ClientRowResult {
    /// The row's place, from 0.
    row: usize,
    /// The client.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<u64>,
    /// `imported`, `already` (there was nothing left to do) or `failed`.
    status: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What became of the rows.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ClientImportAnswer {
    /// In the order of the rows.
    results: Vec<ClientRowResult>,
}

/// Import clients of the old system
///
/// For an admin. Each row makes a client of a person who is known here, enters its key and makes its bots, none of them started. The
/// same rows may be sent again: what is there already stays as it is, a key that was replaced or revoked since does not come back, and
/// a row that was cut off is finished.
#[utoipa::path(
    post, path = "/clients/import", tag = "clients", request_body = ClientImportBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "What became of each row", body = ClientImportAnswer),
        (status = 400, description = "Not rows", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 503, description = "KMS or the import's secret is not available", body = ProblemDocument),
    )
)]
pub(crate) async fn import(keys: State<Arc<Keys>>, call: Call) -> Result<Answer, Problem> {
    let known = keys.known(&call).await?;
    let idempotency = call.idempotency().map(|key| (known.scope, key));
    let wanted = KeyringWanted { subject: known.subject, idempotency, ..KeyringWanted::default() };
    let facts = keys.store.keyring_facts(&wanted).await?;
    let grant = known.may(&facts, ENDPOINT)?;
    let everybodys = grant.everybodys().ok_or_else(unknown_client)?;
    let now = clock::now();
    if let Some(record) = finished(call.idempotency(), facts.idempotency.as_ref(), now)? {
        return Ok(Answer::replay(record));
    }
    let body: ClientImportBody = call.object()?;
    if body.rows.is_empty() || body.rows.len() > limits::CLIENT_IMPORT_ROWS {
        return Err(Refusal::invalid(format!("rows must be 1 to {}", limits::CLIENT_IMPORT_ROWS)).into());
    }
    let text = keys.fernet_text().await?;
    let import = Import { keys: &keys, grant: &grant, everybodys: &everybodys, text };
    if let Some(record) = keys.store.begin_run(idempotency, now).await? {
        return Ok(Answer::replay(&record));
    }
    let answered = import.answered(body.rows, idempotency, now).await;
    if answered.is_err() {
        keys.store.end_run(idempotency, now).await;
    }
    Ok(answered?)
}

impl Keys {
    /// Reads the secret with the Fernet keys: for each import anew, because it is rare.
    async fn fernet_text(&self) -> Result<Secret, Refusal> {
        let id = self.import_secret_id.as_deref();
        let id = id.ok_or_else(|| Refusal::unavailable("IMPORT_SECRET_ID is not set"))?;
        let text = self.gate.secrets().text(id).await;
        let text = text.map_err(|error| Refusal::unavailable(format!("the import secret: {error}")))?;
        fernet_keys(&text).map(|_| text)
    }
}

/// One import. A row that is wrong fails alone; a table or KMS that is not there ends the import.
struct Import<'a> {
    keys: &'a Keys,
    grant: &'a RoleGrant,
    everybodys: &'a EveryClientPermit,
    /// The secret with the Fernet keys: they are read from it whenever a key is opened.
    text: Secret,
}

impl Import<'_> {
    /// The rows, and their answer kept for the request's key.
    async fn answered(
        &self,
        rows: Vec<serde_json::Value>,
        asked: Option<(KeyScope, &IdempotencyKey)>,
        now: Moment,
    ) -> Result<Answer, Refusal> {
        let answer = Answer::ok(&ClientImportAnswer { results: self.rows(rows).await? })?;
        if let Some((scope, key)) = asked {
            let kept = KeptAnswer { scope, key, record: answer.record(key, now) };
            self.keys.store.keep_answer_of_run(&kept).await?;
        }
        Ok(answer)
    }

    async fn rows(&self, rows: Vec<serde_json::Value>) -> Result<Vec<ClientRowResult>, Refusal> {
        let mut results = Vec::with_capacity(rows.len());
        for (row, value) in rows.into_iter().enumerate() {
            let mut client_id = None;
            let (status, reason) = match self.row(value, &mut client_id).await {
                Ok(true) => ("imported", None),
                Ok(false) => ("already", None),
                Err(refusal) if ends_all(&refusal) => return Err(refusal),
                Err(refusal) => ("failed", Some(refusal.public.into_owned())),
            };
            results.push(ClientRowResult { row, client_id: client_id.map(ClientId::get), status, reason });
        }
        Ok(results)
    }

    /// Whether there was anything to do.
    async fn row(&self, value: serde_json::Value, known_as: &mut Option<ClientId>) -> Result<bool, Refusal> {
        let row = Row::read(value)?;
        let read = || row.key(&fernet_keys(&self.text)?);
        let key = TradingKey::read(&read()?)?.0;
        let orders = row.orders(self.keys, key.chain)?;
        let named = name("client.name", &row.client.name)?;
        let person = self.keys.person_of(&row.client).await?;
        let there = self.keys.store.client_of_person(person.user_id).await?;
        *known_as = there;
        let fingerprint = self.keys.vault.fingerprint(&key).await?.as_str().to_owned();
        let wanted = KeyringWanted { client: there, fingerprint: Some(&fingerprint), ..KeyringWanted::default() };
        let facts = self.keys.store.keyring_facts(&wanted).await?;
        match facts.claim.as_ref().map(|claim| Some(claim.client_id) == there) {
            Some(false) => return Err(taken()),
            // It was imported, and replaced or revoked since: it does not come back.
            Some(true) if !is_current(facts.key(), &fingerprint) => return Ok(false),
            _ => {}
        }
        let (client, is_new) = match facts.client {
            Some(client) => (client, false),
            None => (self.client(named, person.user_id).await?, true),
        };
        *known_as = Some(client.id);
        let entry = Entry { read: &read, address: row.address.as_deref(), ends_at: None };
        Ok(self.key_and_bots(&client, entry, orders).await? || is_new)
    }

    async fn client(&self, name: String, user_id: countersign_core::UserId) -> Result<Client, Refusal> {
        let now = clock::now();
        let id = ClientId::fresh(now, clock::random());
        let client = Client { id, name, user_id, created_at: now, created_by: self.everybodys.by().to_owned() };
        self.keys.store.commit_client(self.everybodys, &client, None).await?;
        Ok(client)
    }

    /// Enters the key where it is not, and makes those of the bots that are not there; whether there was any.
    async fn key_and_bots(&self, client: &Client, entry: Entry<'_>, orders: Vec<Order>) -> Result<bool, Refusal> {
        let permit = self.grant.of(Some(client))?;
        let looked = self.keys.look(&permit, entry).await?;
        let is_new = match looked.what {
            Entered::Current => false,
            Entered::First => {
                self.enter(&permit, client, &looked, entry).await?;
                true
            }
            Entered::Another => {
                return Err(Refusal::conflict("The client has another key; enter a new one by rotate-key"));
            }
        };
        let there = self.keys.store.bots_of(client.id).await?;
        let missing = orders.into_iter().filter(|order| !there.iter().any(|bot| bot.name == order.name));
        let mut made = 0;
        for order in missing {
            let bot = self.keys.make(&permit, client, &order, entry, clock::now()).await?;
            self.keys.commit(&permit, &bot, None, None).await.map_err(lost)?;
            made += 1;
        }
        Ok(is_new || made > 0)
    }

    async fn enter(
        &self,
        permit: &ClientPermit,
        client: &Client,
        looked: &Looked,
        entry: Entry<'_>,
    ) -> Result<(), Refusal> {
        let (keys, now) = (self.keys, clock::now());
        let facts = looked.key_facts(permit.by(), None, now);
        let (version, address) = (facts.version, facts.address.clone());
        let sealed = keys.seal(client.id, version, entry).await?;
        keys.prove(client.id, version, &sealed, &looked.key).await?;
        let seen = looked.facts.key();
        let next = switched(client.id, seen, facts);
        let entered = KeyEvent {
            key_version: Some(version),
            detail: Some(format!("imported: {address}")),
            ..event(client.id, permit.by(), KeyHappening::Entered, None, now)
        };
        let messages =
            telling::messages(&keys.store, Some(client), &KeyNotice::Entered { address }, false, now).await?;
        let along = KeyringAlong { events: &[entered], messages: &messages, ..KeyringAlong::default() };
        let new = NewKey { seen, next: &next, sealed: &sealed, stage: None };
        keys.store.commit_key(permit, &new, &[], along).await.map_err(lost)
    }
}

fn is_current(key: Option<&ClientKey>, fingerprint: &str) -> bool {
    key.is_some_and(|key| key.standing == KeyStanding::Active && key.facts.fingerprint == fingerprint)
}

/// What is wrong with more than a row.
fn ends_all(refusal: &Refusal) -> bool {
    matches!(refusal.kind, RefusalKind::Unavailable | RefusalKind::Internal | RefusalKind::Throttled)
}

/// Reads the Fernet keys. They live no longer than it takes to open one key.
fn fernet_keys(text: &Secret) -> Result<FernetKeys, Refusal> {
    #[derive(Deserialize)]
    struct ImportSecret {
        fernet_keys: Vec<Secret>,
    }
    let secret: ImportSecret = serde_json::from_slice(text.expose())
        .map_err(|_| Refusal::unavailable("the import secret is not of its form"))?;
    FernetKeys::new(secret.fernet_keys.iter().filter_map(Secret::expose_str))
        .map_err(|_| Refusal::unavailable("the import secret holds no Fernet keys"))
}
