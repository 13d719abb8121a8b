//! A one-time form for a key: no key is typed into a chat. `POST /clients/{id}/key-forms` gives the link; `GET` and `POST
//! /keys/form` are the page.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use countersign_core::{
    KeyFormId, Moment, Refusal, Secret,
    gate::ClientSecrets,
    keyring::{Client, ClientPermit, FormPurpose, KeyForm, bot_type, ends_at, unknown_client, unknown_form},
    limits,
    messaging::words::Language,
};
use countersign_edge::{Answer, Call, PageCall, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Guard, KeyringWanted, StoreError};
use serde::{Deserialize, Serialize};

use crate::{
    Keys,
    entering::{Entry, end, lost},
    form_page::{self, Shown},
};

const ENDPOINT: &str = "POST /clients/{id}/key-forms";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormOrder {
    purpose: String,
    bot_type: Option<String>,
    expires_at: Option<String>,
}

/// Which form, for the OpenAPI document.
#[allow(dead_code, reason = "describes `FormOrder` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct FormBody {
    /// `setup`: a bot is made and started. `rotate`: the key is replaced.
    purpose: String,
    /// For `setup`: a type of `bot-options`.
    bot_type: Option<String>,
    /// RFC 3339: when the key ends that is entered, where the page says nothing else.
    expires_at: Option<String>,
}

/// A form that was given; its link is shown once, and again only for the same `Idempotency-Key`.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct GivenForm {
    /// Its id.
    id: u64,
    /// Where the form is: good for ten minutes, and once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// From then on it is not.
    expires_at: String,
}

/// Get a one-time form for a key
///
/// By the client itself or an admin. The link opens a page on which the key is entered; whoever has it can enter one key.
#[utoipa::path(
    post, path = "/clients/{id}/key-forms", tag = "clients", request_body = FormBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The client"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 201, description = "The link", body = GivenForm),
        (status = 400, description = "What is wrong with it", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn give(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = keys.enter(&call, &id.0, ENDPOINT, KeyringWanted::default()).await?;
    let gate = keys.gate.gate();
    if let Some(record) = entered.replayed(&call)? {
        return Ok(keys.again(&record.body, gate.clients())?);
    }
    let order: FormOrder = call.object()?;
    let (purpose, ends_at) = (purpose(&order)?, end(order.expires_at.as_deref(), entered.now)?);
    let language = entered.facts.person.as_ref().map(|person| Language::of(&person.profile)).unwrap_or_default();
    let form = KeyForm {
        id: KeyFormId::fresh(entered.now, clock::random()),
        client_id: entered.permit.client_id(),
        purpose,
        given_to: entered.permit.by().to_owned(),
        spoken: language.code().to_owned(),
        open_until: entered.now.plus_seconds(limits::KEY_FORM_SECONDS),
        ends_at,
        tries: 0,
        used: false,
    };
    let (_, name) = gate.clients().key_form(form.id).ok_or_else(no_master)?;
    let given = GivenForm { id: form.id.get(), url: None, expires_at: form.open_until.to_rfc3339() };
    let kept = entered.kept(&call, &Answer::created(&given)?);
    match keys.store.commit_form(&entered.permit, &name, &form, kept.as_ref()).await {
        Ok(()) => Ok(Answer::created(&keys.revealed(given, gate.clients())?)?),
        Err(error) => Ok(keys.again(&keys.twin(&entered, &call, error).await?.body, gate.clients())?),
    }
}

fn purpose(order: &FormOrder) -> Result<FormPurpose, Refusal> {
    match (order.purpose.as_str(), order.bot_type.as_deref()) {
        ("rotate", None) => Ok(FormPurpose::Rotate),
        ("rotate", Some(_)) => Err(Refusal::invalid("bot_type is for setup")),
        ("setup", Some(kind)) if bot_type(kind).is_some() => Ok(FormPurpose::Setup { bot_type: kind.to_owned() }),
        ("setup", _) => Err(Refusal::invalid("bot_type is none of bot-options")),
        _ => Err(Refusal::invalid("purpose must be setup or rotate")),
    }
}

fn no_master() -> Refusal {
    Refusal::unavailable("the gate has no master of client secrets")
}

impl Keys {
    fn revealed(&self, given: GivenForm, secrets: &ClientSecrets) -> Result<GivenForm, Refusal> {
        let id = KeyFormId::new(given.id).ok_or_else(|| Refusal::internal("a kept answer of another form"))?;
        let (code, _) = secrets.key_form(id).ok_or_else(no_master)?;
        let code = code.expose_str().ok_or_else(no_master)?;
        Ok(GivenForm { url: Some(format!("{}/keys/form?code={code}", self.base_url)), ..given })
    }

    fn again(&self, body: &str, secrets: &ClientSecrets) -> Result<Answer, Refusal> {
        let given = serde_json::from_str(body).map_err(|error| Refusal::internal(format!("a kept answer: {error}")))?;
        Ok(Answer::created(&self.revealed(given, secrets)?)?.again())
    }
}

#[derive(Deserialize)]
struct Code {
    code: Option<String>,
}

/// The form's page
///
/// Opening it changes nothing: a preview of the link may do so.
#[utoipa::path(
    get, path = "/keys/form", tag = "clients",
    params(("code" = String, Query, description = "As the link has it")),
    responses(
        (status = 200, description = "A page", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not good", content_type = "text/html", body = String),
    )
)]
pub(crate) async fn show(keys: State<Arc<Keys>>, call: PageCall) -> Response {
    let code = call.0.query::<Code>().ok().and_then(|query| query.code).unwrap_or_default();
    match keys.open_form(&code).await {
        Ok((form, _)) => form_page::form(&Shown::of(&form, &code), None),
        Err(refusal) => form_page::over(refusal),
    }
}

/// What the page sends beside the key, which is read for itself.
struct Sent {
    code: String,
    address: Option<String>,
    last_day: Option<String>,
}

impl Sent {
    /// Fields of this name are there once or not at all.
    fn read(call: &Call) -> Result<Self, Refusal> {
        private_key(call)?;
        let text = |name| -> Result<Option<String>, Refusal> {
            let field = call.form_field(name)?;
            let text =
                field.map(|field| field.expose_str().map(|text| text.trim().to_owned()).ok_or_else(not_of_its_form));
            Ok(text.transpose()?.filter(|text| !text.is_empty()))
        };
        let code = text("code")?.ok_or_else(not_of_its_form)?;
        Ok(Self { code, address: text("address")?, last_day: text("expires_at")? })
    }

    /// When the key ends: with the last day that the page names, else as the form was ordered.
    fn end(&self, form: &KeyForm, now: Moment) -> Result<Option<Moment>, Refusal> {
        let Some(day) = self.last_day.as_deref() else { return ends_at(form.ends_at, now) };
        let begins = Moment::parse_rfc3339(&format!("{day}T00:00:00Z")).filter(|_| day.len() == 10);
        let begins = begins.ok_or_else(|| Refusal::invalid("expires_at must be a day as 2027-06-30"))?;
        ends_at(Some(begins.plus_seconds(limits::DAY_SECONDS)), now)
    }
}

fn private_key(call: &Call) -> Result<Secret, Refusal> {
    call.form_field("private_key")?.ok_or_else(not_of_its_form)
}

fn not_of_its_form() -> Refusal {
    Refusal::invalid("A field of the form is missing or not of its form")
}

/// Send the form
#[utoipa::path(
    post, path = "/keys/form", tag = "clients",
    request_body(content_type = "application/x-www-form-urlencoded", content = String),
    responses(
        (status = 200, description = "A page: the key is sealed", content_type = "text/html", body = String),
        (status = 400, description = "The form again, with what is wrong", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not good", content_type = "text/html", body = String),
        (status = 409, description = "The form again, with what is wrong", content_type = "text/html", body = String),
    )
)]
pub(crate) async fn send(keys: State<Arc<Keys>>, call: PageCall) -> Response {
    let call = call.0;
    let sent = match Sent::read(&call) {
        Ok(sent) => sent,
        Err(refusal) => return form_page::over(refusal),
    };
    let (form, permit) = match keys.open_form(&sent.code).await {
        Ok(open) => open,
        Err(refusal) => return form_page::over(refusal),
    };
    call.trace().called_by(form.given_to.clone());
    let shown = Shown::of(&form, &sent.code);
    match keys.enter_by_form((&call, &sent), &form, &permit).await {
        Ok(()) => form_page::done(&shown),
        Err(refusal) if refusal == unknown_form() => form_page::over(refusal),
        Err(refusal) => form_page::form(&shown, Some(refusal)),
    }
}

impl Keys {
    async fn open_form(&self, code: &str) -> Result<(KeyForm, ClientPermit), Refusal> {
        let form = self.store.form(&ClientSecrets::key_form_name(code)).await?.ok_or_else(unknown_form)?;
        let permit = form.open(clock::now())?;
        Ok((form, permit))
    }

    /// Counts the try, then enters the key; the form is used up in the commit of the key.
    async fn enter_by_form(
        &self,
        (call, sent): (&Call, &Sent),
        form: &KeyForm,
        permit: &ClientPermit,
    ) -> Result<(), Refusal> {
        let (name, now) = (&ClientSecrets::key_form_name(&sent.code), clock::now());
        self.store.try_form(name, now).await.map_err(used)?;
        let read = || private_key(call);
        let entry = Entry { read: &read, address: sent.address.as_deref(), ends_at: sent.end(form, now)? };
        let wanted = KeyringWanted { client: Some(form.client_id), ..KeyringWanted::default() };
        let client = self.store.keyring_facts(&wanted).await?.client.ok_or_else(unknown_client)?;
        let committed = match &form.purpose {
            FormPurpose::Setup { bot_type } => {
                self.set_up_by_form(name, (permit, &client), bot_type, entry, now).await?
            }
            FormPurpose::Rotate => {
                let turn = self.rotation(permit, &client, entry, now).await?;
                self.switch(permit, &turn, None, Some(name)).await
            }
        };
        committed.map_err(used)
    }

    async fn set_up_by_form(
        &self,
        name: &str,
        (permit, client): (&ClientPermit, &Client),
        kind: &str,
        entry: Entry<'_>,
        now: Moment,
    ) -> Result<Result<(), StoreError>, Refusal> {
        let order = self.order(kind, None, None, true)?;
        let made = self.make(permit, client, &order, entry, now).await?;
        Ok(self.commit(permit, &made, None, Some(name)).await)
    }
}

/// A form that another request has used up is like one that is over.
fn used(error: StoreError) -> Refusal {
    if error.failed(Guard::KeyForm) { unknown_form() } else { lost(error) }
}
