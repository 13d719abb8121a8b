//! `POST /api/v1/transactions/{id}/confirm`, `/reject` and `/cancel`: a transaction that waits is decided, exactly once.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    MovementId, Refusal,
    approval::{ButtonData, Elsewhere, Mint, Status as Openness, Token, close_elsewhere},
    family::{Change, FamilyPermit, Permission, unknown_family},
    ledger::{
        ClosingFacts, Deciding, cancel as cancelled, confirm as confirmed, reject as rejected, text,
        unknown_transaction,
    },
    policy,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Along, FamilyFacts, Undone};
use serde::{Deserialize, Serialize};

use crate::{Money, entry};

/// The button's token, where the client has it.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct ConfirmBody {
    /// Null, or the token of the caller's own button.
    #[serde(default)]
    confirmation_token: Option<String>,
}

/// Why.
#[derive(Deserialize, Default, utoipa::ToSchema)]
pub(crate) struct ReasonBody {
    /// At most 500 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// A transaction that was approved.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Confirmed {
    /// Its id.
    id: u64,
    /// `executed`.
    status: &'static str,
    /// When.
    executed_at: String,
}

/// A transaction that was rejected or taken back.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Decided {
    /// Its id.
    id: u64,
    /// `rejected` or `cancelled`.
    status: &'static str,
    /// When.
    decided_at: String,
}

/// What is decided.
#[derive(Clone)]
enum Verdict {
    Confirm { token: Option<String> },
    Reject { reason: Option<String> },
    Cancel { reason: Option<String> },
}

impl Verdict {
    const fn permission(&self) -> Permission {
        match self {
            Self::Confirm { .. } | Self::Reject { .. } => Permission::Approve,
            Self::Cancel { .. } => Permission::Pay,
        }
    }

    /// The answer of the approval; none where it is taken back.
    const fn answer(&self) -> Option<&'static str> {
        match self {
            Self::Confirm { .. } => Some("approve"),
            Self::Reject { .. } => Some("deny"),
            Self::Cancel { .. } => None,
        }
    }

    fn decide(
        &self,
        permit: &FamilyPermit,
        facts: &ClosingFacts,
        now: countersign_core::Moment,
    ) -> Result<Change, Refusal> {
        let deciding = |reason: &Option<String>| Deciding { reason: reason.clone() };
        match self {
            Self::Confirm { .. } => confirmed(permit, facts, now),
            Self::Reject { reason } => rejected(permit, facts, deciding(reason), now),
            Self::Cancel { reason } => cancelled(permit, facts, deciding(reason), now),
        }
    }

    fn answered(&self, id: MovementId, now: countersign_core::Moment) -> Result<Answer, Refusal> {
        let (id, at) = (id.get(), now.to_rfc3339());
        match self {
            Self::Confirm { .. } => Answer::ok(&Confirmed { id, status: "executed", executed_at: at }),
            Self::Reject { .. } => Answer::ok(&Decided { id, status: "rejected", decided_at: at }),
            Self::Cancel { .. } => Answer::ok(&Decided { id, status: "cancelled", decided_at: at }),
        }
    }
}

/// Approve a transaction
///
/// By an owner or an adult of the family, but never by whoever entered it. The message in Telegram then shows who decided.
#[utoipa::path(
    post, path = "/api/v1/transactions/{id}/confirm", tag = "transactions", request_body = Option<ConfirmBody>,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The transaction"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "It is executed", body = Confirmed),
        (status = 400, description = "A malformed body", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed, one's own, or another's button", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "Decided, reversed or expired already, with `transaction_status`", body = ProblemDocument),
    )
)]
pub(crate) async fn confirm(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/transactions/{id}/confirm").await?;
    let body: ConfirmBody = if call.has_body() { call.object()? } else { ConfirmBody { confirmation_token: None } };
    Ok(decide(&money, &entered, &call, &id.0, Verdict::Confirm { token: body.confirmation_token }).await?)
}

/// Reject a transaction
#[utoipa::path(
    post, path = "/api/v1/transactions/{id}/reject", tag = "transactions", request_body = Option<ReasonBody>,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The transaction"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "It is rejected; what it held is free again", body = Decided),
        (status = 400, description = "A malformed body", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed, or one's own", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "Decided, reversed or expired already, with `transaction_status`", body = ProblemDocument),
    )
)]
pub(crate) async fn reject(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/transactions/{id}/reject").await?;
    Ok(decide(&money, &entered, &call, &id.0, Verdict::Reject { reason: reason(&call)? }).await?)
}

/// Take back a transaction
///
/// By whoever entered it, while it waits.
#[utoipa::path(
    post, path = "/api/v1/transactions/{id}/cancel", tag = "transactions", request_body = Option<ReasonBody>,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The transaction"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "It is taken back; what it held is free again", body = Decided),
        (status = 400, description = "A malformed body", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Somebody else's", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "Decided, reversed or expired already, with `transaction_status`", body = ProblemDocument),
    )
)]
pub(crate) async fn cancel(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/transactions/{id}/cancel").await?;
    Ok(decide(&money, &entered, &call, &id.0, Verdict::Cancel { reason: reason(&call)? }).await?)
}

fn reason(call: &Call) -> Result<Option<String>, Refusal> {
    let body: ReasonBody = if call.has_body() { call.object()? } else { ReasonBody::default() };
    text("reason", body.reason)
}

/// Finds the transaction, and decides about it in turn.
async fn decide(
    money: &Money,
    entered: &entry::Entered,
    call: &Call,
    id: &str,
    verdict: Verdict,
) -> Result<Answer, Refusal> {
    let id: MovementId = id.parse().map_err(|_| unknown_transaction())?;
    money.in_turn(entered, call, || attempt(money, entered, call, id, &verdict)).await
}

async fn attempt(
    money: &Money,
    entered: &entry::Entered,
    call: &Call,
    id: MovementId,
    verdict: &Verdict,
) -> Result<Answer, Undone> {
    let found = match money.find(entered, call, id, verdict.permission()).await? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    if let Verdict::Confirm { token: Some(token) } = verdict {
        own_button(money, &found.facts, token).await?;
    }
    let facts = ClosingFacts {
        family: found.facts.family.clone().ok_or_else(unknown_family)?,
        head: found.facts.head.clone(),
        from: found.facts.wallet(found.movement.from_wallet_id),
        to: found.facts.wallet(found.movement.to_wallet_id),
        standing: found.facts.standing().ok_or_else(unknown_transaction)?,
    };
    commit(money, entered, call, (&found.permit, &facts, &found.facts), verdict).await
}

async fn commit(
    money: &Money,
    entered: &entry::Entered,
    call: &Call,
    (permit, facts, found): (&FamilyPermit, &ClosingFacts, &FamilyFacts),
    verdict: &Verdict,
) -> Result<Answer, Undone> {
    let now = clock::now();
    let mut change = verdict.decide(permit, facts, now)?;
    let actor = permit.actor().ok_or_else(unknown_family)?;
    let name = facts.family.name_of(actor).unwrap_or_default();
    if let Some((proposal, state)) = found.approval().filter(|(_, state)| state.status == Openness::Open) {
        let elsewhere = Elsewhere { answer: verdict.answer(), name };
        let mut mint = Mint::new(now, clock::random);
        change.approval = Some(Box::new(close_elsewhere(&proposal, &state, &elsewhere, &mut mint)));
    }
    let answer = verdict.answered(facts.standing.movement.id, now)?;
    let kept = entry::kept(call, entered.scope(), &answer, now);
    money.store.commit_family(&change, Along { kept: kept.as_ref(), contact: None }).await?;
    Ok(answer)
}

/// A token is good only for the person under whose message its button stands.
async fn own_button(money: &Money, found: &FamilyFacts, token: &str) -> Result<(), Undone> {
    let refused = || Refusal::forbidden("The confirmation_token is not of your button");
    let person = found.person.as_ref().ok_or_else(policy::unknown_person)?;
    let (proposal, _) = found.approval().ok_or_else(refused)?;
    let chat = person.telegram_id.map(countersign_core::ChatId::from).ok_or_else(refused)?;
    let copy = money.store.approval_facts(proposal.id, chat).await?.copy.ok_or_else(refused)?;
    // Clients send the token, or the whole data of the button.
    let token = Token::read(token).or_else(|| ButtonData::read(token).map(|data| data.token)).ok_or_else(refused)?;
    if token.is_of(&copy.token_hash) { Ok(()) } else { Err(refused().into()) }
}
