//! What a client sees of its key and its bots: versions, every use, what happened, a bot's log.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Moment,
    keyring::{KeyEvent, KeyUse, KeyVersion},
};
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument};
use countersign_store::KeyringWanted;
use serde::Serialize;

use crate::{Keys, purpose::PurposeView};

const VERSIONS: &str = "GET /clients/{id}/key-versions";
const USES: &str = "GET /clients/{id}/key-uses";
const EVENTS: &str = "GET /clients/{id}/key-events";
const LOG: &str = "GET /bots/{id}/log";

/// A version of a client's key.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct VersionView {
    /// 1 for the first.
    version: u32,
    /// `stellar`, `solana` or `evm`.
    chain: &'static str,
    /// Its address.
    address: String,
    /// When it was entered.
    entered_at: String,
    /// By whom.
    entered_by: String,
    /// Its date of expiry; null: none.
    expires_at: Option<String>,
    /// `current`, `retired` or `revoked`.
    status: String,
    /// When it ended; null: it is the current one.
    ended_at: Option<String>,
}

impl VersionView {
    fn of(version: &KeyVersion) -> Self {
        Self {
            version: version.facts.version,
            chain: version.facts.chain.as_str(),
            address: version.facts.address.clone(),
            entered_at: version.facts.entered_at.to_rfc3339(),
            entered_by: version.facts.entered_by.clone(),
            expires_at: version.facts.ends_at.map(Moment::to_rfc3339),
            status: version.ending.clone().unwrap_or_else(|| "current".to_owned()),
            ended_at: version.ended_at.map(Moment::to_rfc3339),
        }
    }
}

/// Versions of a client's key.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Versions {
    /// Newest first.
    versions: Vec<VersionView>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

/// Versions of a client's key
///
/// Never the keys.
#[utoipa::path(
    get, path = "/clients/{id}/key-versions", tag = "clients",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The client"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "The versions", body = Versions),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn versions(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = keys.enter(&call, &id.0, VERSIONS, KeyringWanted::default()).await?;
    let page: PageQuery = call.query()?;
    let found = keys.store.key_versions(&entered.permit, page.limit()?, page.cursor.as_deref()).await?;
    let versions = found.items.iter().map(VersionView::of).collect();
    Ok(Answer::ok(&Versions { versions, next_cursor: found.next_cursor })?)
}

/// A use of a client's key.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct UseView {
    /// Its id.
    id: u64,
    /// When.
    at: String,
    /// Which bot.
    bot_id: u64,
    /// By which credential of its runner.
    runner_token_id: u64,
    /// Which version of the key.
    key_version: u32,
    /// `stellar`, `solana` or `evm`.
    chain: &'static str,
    /// Hash of the transaction in hex. Solana: its id, the payer's signature in base58, where that was there and good; else ours.
    transaction_hash: String,
    /// What leaves the account at most, in the chain's smallest unit; null: it cannot be read, as where a contract or another
    /// program is called.
    amount: Option<String>,
    /// What else is read of the transaction; null: a use from before that was kept.
    purpose: Option<PurposeView>,
}

impl UseView {
    fn of(used: &KeyUse) -> Self {
        Self {
            id: used.id.get(),
            at: used.signed_at.to_rfc3339(),
            bot_id: used.bot_id.get(),
            runner_token_id: used.runner_token_id.get(),
            key_version: used.key_version,
            chain: used.chain.as_str(),
            transaction_hash: used.transaction_hash.clone(),
            amount: used.amount.clone(),
            purpose: used.purpose.as_ref().map(PurposeView::of),
        }
    }
}

/// Uses of a client's key.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Uses {
    /// Newest first.
    uses: Vec<UseView>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

/// Every use of a client's key
///
/// Who, when, for what: a line for each signature.
#[utoipa::path(
    get, path = "/clients/{id}/key-uses", tag = "clients",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The client"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "The uses", body = Uses),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn uses(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = keys.enter(&call, &id.0, USES, KeyringWanted::default()).await?;
    let page: PageQuery = call.query()?;
    let found = keys.store.key_uses(&entered.permit, page.limit()?, page.cursor.as_deref()).await?;
    let uses = found.items.iter().map(UseView::of).collect();
    Ok(Answer::ok(&Uses { uses, next_cursor: found.next_cursor })?)
}

/// Something that happened.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EventView {
    /// Its id.
    id: u64,
    /// When.
    at: String,
    /// What: `key_entered`, `key_rotated`, `key_revoked`, `bot_created`, `started`, `stop_requested`, `stop_acknowledged`,
    /// `stop_overdue`, `heartbeat_late`, `heartbeat_back`, …
    what: &'static str,
    /// By whom: `u:<user id>`, `s:<service id>`, `r:<bot id>:<runner token id>` or `monitor`.
    by: String,
    /// To which bot; null: to the key.
    bot_id: Option<u64>,
    /// Which version of the key it is about.
    key_version: Option<u32>,
    /// What else is to be known.
    detail: Option<String>,
}

impl EventView {
    fn of(event: &KeyEvent) -> Self {
        Self {
            id: event.id.get(),
            at: event.happened_at.to_rfc3339(),
            what: event.what.as_str(),
            by: event.by.clone(),
            bot_id: event.bot_id.map(countersign_core::BotId::get),
            key_version: event.key_version,
            detail: event.detail.clone(),
        }
    }
}

/// What happened.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Events {
    /// Newest first.
    events: Vec<EventView>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

impl Events {
    fn of(page: &countersign_store::Page<KeyEvent>) -> Self {
        Self { events: page.items.iter().map(EventView::of).collect(), next_cursor: page.next_cursor.clone() }
    }
}

/// What happened to a client's key and its bots
#[utoipa::path(
    get, path = "/clients/{id}/key-events", tag = "clients",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The client"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "What happened", body = Events),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn events(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = keys.enter(&call, &id.0, EVENTS, KeyringWanted::default()).await?;
    let page: PageQuery = call.query()?;
    let found = keys.store.key_events(&entered.permit, page.limit()?, page.cursor.as_deref()).await?;
    Ok(Answer::ok(&Events::of(&found))?)
}

/// The log of a bot
///
/// What happened to it, and since it was made what happened to its client's key: why it stopped. A page may hold fewer lines than
/// `limit` and still have a next one.
#[utoipa::path(
    get, path = "/bots/{id}/log", tag = "bots",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "What happened to it", body = Events),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn log(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let (entered, bot) = keys.enter_bot(&call, &id.0, LOG).await?;
    let page: PageQuery = call.query()?;
    let found = keys.store.bot_log(&entered.permit, &bot, page.limit()?, page.cursor.as_deref()).await?;
    Ok(Answer::ok(&Events::of(&found))?)
}
