//! `DELETE /api/v1/transactions/{id}`: reverses a transaction, once, with a reason; over a threshold that waits as well.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use countersign_core::{
    MovementId, Refusal,
    family::{FamilyPermit, Permission, unknown_family},
    ledger::{Posted, ReversalFacts, judge_reversal, post_reversal, text, unknown_transaction},
    policy,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Along, FamilyFacts, Undone};
use serde::{Deserialize, Serialize};

use super::asking::Question;
use crate::{Money, entry};

/// Why.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct ReverseBody {
    /// 1 to 500 characters.
    reason: String,
}

/// A reversal.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Reversed {
    /// The transaction that is reversed.
    original_transaction_id: u64,
    /// The transaction that reverses it.
    reversal_transaction_id: u64,
    /// When; null while the reversal waits for approval.
    reversed_at: Option<String>,
    /// `pending_approval` while it waits; left out once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

/// Reverse a transaction
///
/// By an owner or an adult. The money goes back by a transaction of its own, linked to the first; what it takes from a wallet is
/// held to thresholds, rules and windows as a payment of whoever reverses. What was put aside for a goal by it is taken back.
#[utoipa::path(
    delete, path = "/api/v1/transactions/{id}", tag = "transactions", request_body = ReverseBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The transaction"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "It is reversed", body = Reversed),
        (status = 202, description = "The reversal waits for approval", body = Reversed),
        (status = 400, description = "No reason", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "Reversed already, not executed, a wallet is archived, or the money is spent: `available`", body = ProblemDocument),
    )
)]
pub(crate) async fn reverse(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "DELETE /api/v1/transactions/{id}").await?;
    let body: ReverseBody = call.object()?;
    let reason = text("reason", Some(body.reason))?.ok_or_else(|| Refusal::invalid("reason must say why"))?;
    let id: MovementId = id.0.parse().map_err(|_| unknown_transaction())?;
    Ok(money.in_turn(&entered, &call, || attempt(&money, &entered, &call, id, &reason)).await?)
}

async fn attempt(
    money: &Money,
    entered: &entry::Entered,
    call: &Call,
    id: MovementId,
    reason: &str,
) -> Result<Answer, Undone> {
    match money.find(entered, call, id, Permission::Reverse).await? {
        Ok(found) => commit(money, entered, call, (&found.permit, &found.facts), reason).await,
        Err(answer) => Ok(answer),
    }
}

async fn commit(
    money: &Money,
    entered: &entry::Entered,
    call: &Call,
    (permit, found): (&FamilyPermit, &FamilyFacts),
    reason: &str,
) -> Result<Answer, Undone> {
    let now = clock::now();
    let standing = found.standing().ok_or_else(unknown_transaction)?;
    let (original, id) = (standing.movement.clone(), MovementId::fresh(now, clock::random()));
    let facts = ReversalFacts {
        family: found.family.clone().ok_or_else(unknown_family)?,
        head: found.head.clone(),
        from: found.wallet(original.to_wallet_id),
        to: found.wallet(original.from_wallet_id),
        spent: found.spent.clone(),
        standing,
    };
    let reasons = judge_reversal(permit, &facts, now)?;
    let asking = match reasons.is_empty() {
        true => None,
        false => {
            let question = Question {
                family: &facts.family,
                from: facts.from.as_ref(),
                to: facts.to.as_ref(),
                amount_minor: original.amount_minor,
                currency: original.currency,
                category: original.category_id,
                description: original.description.as_deref(),
                reversal: Some(reason),
            };
            let person = found.person.as_ref().ok_or_else(policy::unknown_person)?;
            Some(money.ask(id, person, &question, reasons).await?)
        }
    };
    let waiting = asking.as_ref().map(|asking| asking.waiting.clone());
    let (mut change, reversal) = post_reversal(permit, &facts, Posted { id, waiting }, Some(reason.to_owned()), now)?;
    change.approval = asking.map(|asking| Box::new(asking.approval));
    let waits = reversal.waiting.is_some();
    let answer = Reversed {
        original_transaction_id: original.id.get(),
        reversal_transaction_id: reversal.id.get(),
        reversed_at: (!waits).then(|| now.to_rfc3339()),
        status: waits.then_some("pending_approval"),
    };
    let answer = Answer::new(if waits { StatusCode::ACCEPTED } else { StatusCode::OK }, &answer)?;
    let kept = entry::kept(call, entered.scope(), &answer, now);
    money.store.commit_family(&change, Along { kept: kept.as_ref(), contact: None }).await?;
    Ok(answer)
}
