//! `GET /api/v1/events` and `GET /api/v1/events/verify`: what happened in a family, and the proof that nothing was changed.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{Refusal, chain::Event, family::Permission, limits};
use countersign_edge::{Answer, Call, PageQuery, Problem, ProblemDocument};
use serde::{Deserialize, Serialize};

use crate::{Money, entry};

/// From where on.
#[derive(Deserialize)]
struct VerifyQuery {
    #[serde(default)]
    after: u64,
}

/// A page of events.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EventPage {
    /// Newest first.
    events: Vec<EventView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

/// Something that happened.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EventView {
    /// Its place in the family's log, from 1.
    seq: u64,
    /// When.
    at: String,
    /// Who did it: `u:` and a user id, `t:` and a Telegram id, or `system`.
    by: String,
    /// What kind of thing.
    kind: String,
    /// What else is to be known.
    data: serde_json::Value,
    /// SHA-256 over `countersign event v1`, `previous` and `body`, each on a line of its own; hex.
    hash: String,
    /// The hash of the event before.
    previous: String,
    /// What was hashed, to the letter.
    body: String,
}

/// A proof.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ProofView {
    /// Every event up to `verified_to` follows the one before and is as it was written.
    valid: bool,
    /// It reaches the end of the log.
    complete: bool,
    /// The last event that is proved.
    verified_to: u64,
    /// Its hash: whoever keeps it can show later that nothing up to it was changed.
    hash: String,
    /// How many events there are.
    events: u64,
    /// For the next part: `after`; null at the end.
    next_after: Option<u64>,
    /// The first event that does not fit, or null.
    broken_at: Option<u64>,
    /// What does not fit, or null.
    reason: Option<&'static str>,
}

/// List what happened in a family
///
/// For its owners and adults. Append-only: each event bears the hash of the one before.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = EventPage),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let (permit, _) =
        money.reader(&call, "GET /api/v1/events", || entry::family_in_query(&call), Permission::SeeEvents).await?;
    let page: PageQuery = call.query()?;
    let page = money.store.events(&permit, page.limit()?, page.cursor.as_deref()).await?;
    let events = page.items.iter().map(view).collect::<Result<_, _>>()?;
    Ok(Answer::ok(&EventPage { events, next_cursor: page.next_cursor })?)
}

fn view(event: &Event) -> Result<EventView, Refusal> {
    let body = event.read().ok_or_else(|| Refusal::internal("an event is not of the form"))?;
    Ok(EventView {
        seq: event.seq,
        at: body.at,
        by: body.by,
        kind: body.kind,
        data: serde_json::Value::Object(body.data),
        hash: event.hash.clone(),
        previous: event.previous.clone(),
        body: event.body.clone(),
    })
}

/// Prove a family's log
///
/// At most 1000 events a call; `next_after` leads on.
#[utoipa::path(
    get, path = "/api/v1/events/verify", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("after" = Option<u64>, Query, description = "The last event that was proved before; 0 where nothing is said"),
    ),
    responses(
        (status = 200, description = "Whether it is whole", body = ProofView),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn verify(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let endpoint = "GET /api/v1/events/verify";
    let (permit, _) = money.reader(&call, endpoint, || entry::family_in_query(&call), Permission::SeeEvents).await?;
    let query: VerifyQuery = call.query()?;
    let proof = money.store.prove_events(&permit, query.after, limits::EVENTS_PROVED).await?;
    let complete = proof.is_whole();
    // At the head's place with another hash: the end of the log was changed together with all after it.
    let cut = proof.broken.is_none() && proof.proved_to == proof.head.seq && !complete;
    let next = (proof.broken.is_none() && !cut && !complete).then_some(proof.proved_to);
    Ok(Answer::ok(&ProofView {
        valid: proof.broken.is_none() && !cut,
        complete,
        verified_to: proof.proved_to,
        hash: proof.hash,
        events: proof.head.seq,
        next_after: next,
        broken_at: proof.broken.as_ref().map(|broken| broken.seq).or(cut.then_some(proof.proved_to)),
        reason: proof.broken.map(|broken| broken.reason).or(cut.then_some("it is not the end that was written")),
    })?)
}
