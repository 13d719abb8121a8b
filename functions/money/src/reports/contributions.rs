//! `POST /api/v1/goals/{id}/contributions`: what was put aside for a goal, or taken back. No money moves by it.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use countersign_core::{
    FamilyId, GoalId, MovementId, Refusal,
    family::Permission,
    goal::Goal,
    ledger::unknown_transaction,
    money::AmountText,
    planning::goals::{Contribution, contribute, of_transfer, unknown_goal},
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::{FamilyWanted, Guard, Undone};
use serde::Deserialize;

use super::{
    planned::{Asked, Opened},
    view::GoalView,
};
use crate::Money;

/// A contribution, as a request says it.
#[derive(Deserialize)]
struct ContributionForm {
    #[serde(default)]
    amount: Option<AmountText>,
    #[serde(default)]
    take_back: bool,
    #[serde(default)]
    transaction_id: Option<MovementId>,
}

/// What was put aside: `amount`, or the `transaction_id` of an executed transfer, whose amount it is then.
#[allow(dead_code, reason = "describes `ContributionForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct ContributionBody {
    /// How much, above zero, in the goal's currency.
    #[schema(example = "50.00")]
    amount: Option<String>,
    /// It is taken back instead.
    #[schema(default = false)]
    take_back: Option<bool>,
    /// The transfer; each is put aside once.
    transaction_id: Option<u64>,
}

/// Put aside for a goal
///
/// It is noted in the goal and in the family's event log; no money moves. What moves money is a transaction: name a transfer
/// into a savings wallet, and its amount is what was put aside; its reversal takes that back.
#[utoipa::path(
    post, path = "/api/v1/goals/{id}/contributions", tag = "goals", request_body = ContributionBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The goal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 201, description = "The goal", body = GoalView),
        (status = 400, description = "A bad amount, or both or neither of amount and transaction_id", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A goal or transaction that is not there, or another's", body = ProblemDocument),
        (status = 409, description = "More than is there, or no transfer that may be put aside (any more)",
            body = ProblemDocument),
    )
)]
pub(crate) async fn create(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/goals/{id}/contributions").await?;
    money.known(&entered).await?;
    let wanted = Wanted::read(call.object()?)?;
    let which = money.goal_of(&id.0).await?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_goal };
    Ok(money.in_turn(&entered, &call, || put_aside(asked, which, &wanted)).await?)
}

async fn put_aside(asked: Asked<'_>, (family, id): (FamilyId, GoalId), wanted: &Wanted) -> Result<Answer, Undone> {
    let read = match asked.open(family, Permission::Save, Vec::new()).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    let goal = asked.money.store.goal(&read.permit, id).await?.ok_or_else(unknown_goal)?;
    let contribution = wanted.contribution(asked.money, &goal).await?;
    let (change, goal) = contribute(&read.permit, read.ground(), &goal, contribution, read.now)?;
    let answer = Answer::new(StatusCode::CREATED, &GoalView::of(&goal, read.now))?;
    match asked.commit(&change, answer, read.now).await {
        Err(Undone::Race(error)) if error.failed(Guard::GoalLink) => {
            Err(Refusal::conflict("This transfer was put aside already").into())
        }
        other => other,
    }
}

/// What is put aside, of the right form.
enum Wanted {
    Amount { amount: AmountText, take_back: bool },
    Transfer(MovementId),
}

impl Wanted {
    fn read(form: ContributionForm) -> Result<Self, Refusal> {
        match (form.amount, form.transaction_id, form.take_back) {
            (Some(amount), None, take_back) => Ok(Self::Amount { amount, take_back }),
            (None, Some(id), false) => Ok(Self::Transfer(id)),
            (None, Some(_), true) => Err(Refusal::invalid("take_back takes an amount, not a transaction_id")),
            _ => Err(Refusal::invalid("Either amount or transaction_id must be given")),
        }
    }

    async fn contribution(&self, money: &Money, goal: &Goal) -> Result<Contribution, Refusal> {
        match self {
            Self::Amount { amount, take_back } => {
                let minor = goal.currency.amount(amount)?;
                Ok(Contribution { delta_minor: if *take_back { -minor } else { minor }, movement_id: None })
            }
            Self::Transfer(id) => {
                let standing = money.store.movement_facts(None, *id, None).await?.standing;
                let own = standing.filter(|standing| standing.movement.family_id == goal.family_id);
                let own = own.ok_or_else(unknown_transaction)?;
                let wallets = own.movement.to_wallet_id.into_iter().collect();
                let wanted = FamilyWanted { family: Some(goal.family_id), wallets, ..FamilyWanted::default() };
                let to = money.store.family_facts(&wanted).await?.wallet(own.movement.to_wallet_id);
                of_transfer(goal, &own, to.as_ref())
            }
        }
    }
}
