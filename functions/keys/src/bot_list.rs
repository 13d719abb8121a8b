//! `GET /bots` and `GET /bots/{id}`: a client's bots, or everybody's for whoever acts for every client.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    ClientId, Refusal,
    keyring::{Bot, ClientKey},
};
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument, clock};
use countersign_store::{KeyringWanted, Page};
use serde::{Deserialize, Serialize};

use crate::{Keys, entry::Known, view::BotView};

const LIST: &str = "GET /bots";
const GET: &str = "GET /bots/{id}";

/// Bots.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Bots {
    /// Newest first.
    bots: Vec<BotView>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct OfClient {
    client_id: Option<ClientId>,
}

/// List bots
///
/// A client sees its own; an admin, and a service that runs bots, everybody's.
#[utoipa::path(
    get, path = "/bots", tag = "bots",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(
        ("client_id" = Option<u64>, Query, description = "One client's alone"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "The bots", body = Bots),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "No such client, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(keys: State<Arc<Keys>>, call: Call) -> Result<Answer, Problem> {
    let known = keys.known(&call).await?;
    let page = keys.page_of_bots(&call, &known).await?;
    let mut clients: Vec<ClientId> = page.items.iter().map(|bot| bot.client_id).collect();
    clients.sort_unstable();
    clients.dedup();
    let found = keys.store.clients_of(&clients).await?;
    let key = |bot: &Bot| found.iter().find(|listed| listed.client.id == bot.client_id)?.key.as_ref();
    let now = clock::now();
    let bots = page.items.iter().map(|bot| BotView::of(bot, key(bot), now)).collect();
    Ok(Answer::ok(&Bots { bots, next_cursor: page.next_cursor })?)
}

impl Keys {
    /// One client's bots where one is named or the caller is one; else everybody's, for whoever may see them.
    async fn page_of_bots(&self, call: &Call, known: &Known) -> Result<Page<Bot>, Refusal> {
        let wanted = KeyringWanted { subject: known.subject, ..KeyringWanted::default() };
        let facts = self.store.keyring_facts(&wanted).await?;
        let may = known.may(&facts, LIST)?;
        let (named, page): (_, PageQuery) = (call.query::<OfClient>()?.client_id, call.query()?);
        let (limit, cursor) = (page.limit()?, page.cursor.as_deref());
        if let (None, Some(everybodys)) = (named, may.everybodys()) {
            return Ok(self.store.bots(&everybodys, limit, cursor).await?);
        }
        let own = match facts.person.as_ref().filter(|_| named.is_none()) {
            Some(person) => self.store.client_of_person(person.user_id).await?,
            None => named,
        };
        let Some(client) = own else { return Ok(Page { items: Vec::new(), next_cursor: None }) };
        let entered = self.entered(call, known, Some(client), LIST, KeyringWanted::default()).await?;
        Ok(self.store.page_of_bots(&entered.permit, limit, cursor).await?)
    }
}

/// Show a bot
#[utoipa::path(
    get, path = "/bots/{id}", tag = "bots",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(("id" = u64, Path, description = "The bot")),
    responses(
        (status = 200, description = "The bot", body = BotView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let (entered, bot) = keys.enter_bot(&call, &id.0, GET).await?;
    let key: Option<&ClientKey> = entered.facts.key();
    Ok(Answer::ok(&BotView::of(&bot, key, entered.now))?)
}
