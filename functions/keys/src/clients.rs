//! `POST /clients`, `GET /clients`, `GET /clients/{id}` and `GET /clients/{id}/bot-options`.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    ClientId, Person, Refusal, Subject, TelegramId, UserId,
    account::Email,
    keyring::{Client, bot_types, name, unknown_client},
    policy,
};
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Guard, KeyringWanted, ListedClient, Page};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Keys,
    entry::{Known, kept},
    view::ClientView,
};

const NEW: &str = "POST /clients";
const LIST: &str = "GET /clients";
const GET: &str = "GET /clients/{id}";
const OPTIONS: &str = "GET /clients/{id}/bot-options";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientForm {
    pub(crate) name: String,
    user_id: Option<UserId>,
    email: Option<String>,
    telegram_id: Option<TelegramId>,
}

/// A new client, for the OpenAPI document.
#[allow(dead_code, reason = "describes `ClientForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct NewClientBody {
    /// 1 to 64 characters.
    name: String,
    /// The person it is; this, `email` or `telegram_id`.
    user_id: Option<u64>,
    /// The address of the person's account.
    email: Option<String>,
    /// The person as Telegram numbers them.
    telegram_id: Option<u64>,
}

/// Make a client
///
/// By an admin. A client is a person who is known here: by their account's address, in Telegram, or both.
#[utoipa::path(
    post, path = "/clients", tag = "clients", request_body = NewClientBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "Made", body = ClientView),
        (status = 400, description = "What is wrong with it", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 404, description = "Nobody is known by that", body = ProblemDocument),
        (status = 409, description = "The person is a client already", body = ProblemDocument),
    )
)]
pub(crate) async fn create(keys: State<Arc<Keys>>, call: Call) -> Result<Answer, Problem> {
    let known = keys.known(&call).await?;
    let idempotency = call.idempotency().map(|key| (known.scope, key));
    let wanted = KeyringWanted { subject: known.subject, idempotency, ..KeyringWanted::default() };
    let facts = keys.store.keyring_facts(&wanted).await?;
    let permit = known.may(&facts, NEW)?.everybodys().ok_or_else(unknown_client)?;
    let now = clock::now();
    if let Some(record) = countersign_core::idempotency::finished(call.idempotency(), facts.idempotency.as_ref(), now)?
    {
        return Ok(Answer::replay(record));
    }
    let form: ClientForm = call.object()?;
    let name = name("name", &form.name)?;
    let person = keys.person_of(&form).await?;
    let id = ClientId::fresh(now, clock::random());
    let client = Client { id, name, user_id: person.user_id, created_at: now, created_by: permit.by().to_owned() };
    let answer = Answer::created(&ClientView::of(&client, None, now))?;
    let kept = kept(&call, known.scope, &answer, now);
    match keys.store.commit_client(&permit, &client, kept.as_ref()).await {
        Ok(()) => Ok(answer),
        Err(error) => match keys.store.twin(idempotency, &error, now).await? {
            Some(twin) => Ok(Answer::replay(&twin)),
            None if error.failed(Guard::ClientPerson) => {
                Err(Refusal::conflict("This person is a client already").because(error.to_string()).into())
            }
            None => Err(Refusal::from(error).into()),
        },
    }
}

impl Keys {
    /// The person that a form names by one of three.
    pub(crate) async fn person_of(&self, form: &ClientForm) -> Result<Person, Refusal> {
        let unknown = || Refusal::not_found("Nobody is known by that");
        let subject = match (form.user_id, form.email.as_deref(), form.telegram_id) {
            (Some(user), None, None) => self.store.subject_of(user).await?.ok_or_else(unknown)?,
            (None, None, Some(telegram)) => Subject::Telegram(telegram),
            (None, Some(email), None) => {
                let facts = self.store.account_facts(&Email::read(email)?, "").await?;
                let user = facts.account.ok_or_else(unknown)?.user_id;
                self.store.subject_of(user).await?.ok_or_else(unknown)?
            }
            _ => return Err(Refusal::invalid("Name the person by one of user_id, email and telegram_id")),
        };
        let wanted = KeyringWanted { subject: Some(subject), ..KeyringWanted::default() };
        self.store.keyring_facts(&wanted).await?.person.ok_or_else(unknown)
    }

    async fn page_of_clients(&self, call: &Call, known: &Known) -> Result<Page<ListedClient>, Refusal> {
        let wanted = KeyringWanted { subject: known.subject, ..KeyringWanted::default() };
        let facts = self.store.keyring_facts(&wanted).await?;
        let may = known.may(&facts, LIST)?;
        if let Some(everybodys) = may.everybodys() {
            let page: PageQuery = call.query()?;
            return Ok(self.store.clients(&everybodys, page.limit()?, page.cursor.as_deref()).await?);
        }
        let person = facts.person.ok_or_else(policy::unknown_person)?;
        let own: Vec<ClientId> = self.store.client_of_person(person.user_id).await?.into_iter().collect();
        Ok(Page { items: self.store.clients_of(&own).await?, next_cursor: None })
    }
}

/// Clients.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Clients {
    /// Newest first.
    clients: Vec<ClientView>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

/// List clients
///
/// An admin sees all of them, a person the one that they are.
#[utoipa::path(
    get, path = "/clients", tag = "clients",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "The clients", body = Clients),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
    )
)]
pub(crate) async fn list(keys: State<Arc<Keys>>, call: Call) -> Result<Answer, Problem> {
    let known = keys.known(&call).await?;
    let page = keys.page_of_clients(&call, &known).await?;
    let now = clock::now();
    let view = |listed: &ListedClient| ClientView::of(&listed.client, listed.key.as_ref(), now);
    Ok(Answer::ok(&Clients { clients: page.items.iter().map(view).collect(), next_cursor: page.next_cursor })?)
}

/// Show a client
#[utoipa::path(
    get, path = "/clients/{id}", tag = "clients",
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The client")),
    responses(
        (status = 200, description = "The client", body = ClientView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = keys.enter(&call, &id.0, GET, KeyringWanted::default()).await?;
    let client = entered.facts.client.as_ref().ok_or_else(unknown_client)?;
    Ok(Answer::ok(&ClientView::of(client, entered.facts.key(), entered.now))?)
}

/// A type of bots, as a form is made of it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BotOption {
    /// What `bot_type` is.
    r#type: &'static str,
    /// What people read.
    name: &'static str,
    /// Chains whose keys it trades with.
    chains: Vec<&'static str>,
    /// JSON schema (draft 2020-12) of `config`.
    #[schema(value_type = Object)]
    config_schema: Value,
}

/// Types of bots.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BotOptions {
    /// In the order of their keys.
    bot_types: Vec<BotOption>,
}

/// Types of bots, and the forms of their configuration
#[utoipa::path(
    get, path = "/clients/{id}/bot-options", tag = "clients",
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The client")),
    responses(
        (status = 200, description = "The types", body = BotOptions),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn options(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    keys.enter(&call, &id.0, OPTIONS, KeyringWanted::default()).await?;
    let option = |bot_type: &countersign_core::keyring::BotType| BotOption {
        r#type: bot_type.key,
        name: bot_type.name,
        chains: bot_type.chains.iter().map(|chain| chain.as_str()).collect(),
        config_schema: serde_json::from_str(bot_type.config_schema).unwrap_or_default(),
    };
    Ok(Answer::ok(&BotOptions { bot_types: bot_types().iter().map(option).collect() })?)
}
