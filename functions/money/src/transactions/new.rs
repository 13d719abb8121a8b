//! `POST /api/v1/transactions`: an income, an expense or a transfer; over a threshold it waits for approval.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use countersign_core::{
    MovementId, Person, Refusal,
    family::{FamilyPermit, Permission},
    ledger::{Judged, Kind, Payment, PaymentFacts, PaymentForm, Posted, judge, post},
    policy,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{Along, FamilyFacts, FamilyWanted, Undone};
use serde::Serialize;

use super::{
    asking::{Question, approvers},
    view,
};
use crate::{Money, entry};

const ENDPOINT: &str = "POST /api/v1/transactions";

/// What to move.
#[allow(dead_code, reason = "describes `PaymentForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct TransactionBody {
    /// Whose money.
    family_id: u64,
    /// The wallet that it takes from; null: income.
    from_wallet_id: Option<u64>,
    /// The wallet that it goes to; null: an expense.
    to_wallet_id: Option<u64>,
    /// A number or a decimal string, with at most as many decimals as the currency has.
    #[schema(example = "50.00")]
    amount: String,
    /// What for.
    category_id: Option<u64>,
    /// What is said of it, at most 500 characters.
    description: Option<String>,
    /// Only say what would happen; nothing changes.
    #[schema(default = false)]
    dry_run: Option<bool>,
}

/// What would happen.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Foreseen {
    /// True.
    dry_run: bool,
    /// `executed`, or `pending_approval`.
    status: &'static str,
    /// How much.
    amount: String,
    /// In which currency.
    currency: String,
    /// Somebody would have to approve it.
    confirmation_required: bool,
    /// Why, in English.
    reasons: Vec<String>,
    /// Who may approve it.
    approvers: Vec<ApproverView>,
    /// What would be available in the wallet that it takes from, or null.
    available_after: Option<String>,
}

/// Somebody who may approve.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ApproverView {
    /// Who.
    user_id: u64,
    /// Their name in the family.
    name: String,
}

/// Enter a transaction
///
/// `executed` at once up to the family's thresholds; above them it waits, holds the amount in the source wallet, and those who
/// may approve are asked in Telegram. Nobody approves their own.
#[utoipa::path(
    post, path = "/api/v1/transactions", tag = "transactions", request_body = TransactionBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "With dry_run: what would happen", body = Foreseen),
        (status = 201, description = "Executed, or waiting", body = view::Entered),
        (status = 400, description = "A bad amount, or two currencies", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family, wallet or category that is not there, or another's", body = ProblemDocument),
        (status = 409, description = "Not enough money, with `available`; or something archived", body = ProblemDocument),
        (status = 422, description = "The Idempotency-Key was used with another request", body = ProblemDocument),
        (status = 503, description = "Too many changes of this family at once", body = ProblemDocument),
    )
)]
pub(crate) async fn create(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, ENDPOINT).await?;
    let form: PaymentForm = call.object()?;
    let dry_run = form.dry_run;
    let payment = Payment::read(form)?;
    let spent = money.user_of(&entered).await?;
    let attempt = || attempt(&money, &entered, &call, &payment, (dry_run, spent));
    // What would happen is not kept, refused or not.
    let done = if dry_run { money.store.in_turn(attempt).await } else { money.in_turn(&entered, &call, attempt).await };
    Ok(done?)
}

impl Money {
    /// Who calls by user id; launch data knows only the Telegram id, so the record is read for it.
    pub(crate) async fn user_of(&self, entered: &entry::Entered) -> Result<countersign_core::UserId, Refusal> {
        if let countersign_core::gate::Caller::Person { user_id: Some(id), .. } = &entered.caller {
            return Ok(*id);
        }
        let (person, _) = self.store.person_and_key(entered.subject, None).await?;
        Ok(person.ok_or_else(policy::unknown_person)?.user_id)
    }
}

async fn attempt(
    money: &Money,
    entered: &entry::Entered,
    call: &Call,
    payment: &Payment,
    (dry_run, spent): (bool, countersign_core::UserId),
) -> Result<Answer, Undone> {
    let wallets = [payment.from, payment.to].into_iter().flatten().collect();
    let wanted = FamilyWanted { wallets, spent: Some(spent), ..entered.wanted(call, Some(payment.family_id)) };
    let found = money.store.family_facts(&wanted).await?;
    entered.platform(found.person.as_ref())?;
    if let Some(answer) = entry::replayed(call, payment.family_id, &found)? {
        return Ok(answer);
    }
    let permission = if payment.kind() == Kind::Income { Permission::BookIncome } else { Permission::Pay };
    let permit = entered.permit(found.person.as_ref(), found.family.as_ref(), permission)?;
    call.trace().family(payment.family_id);
    let (facts, person) = (facts(&found, payment)?, found.person.as_ref().ok_or_else(policy::unknown_person)?);
    let judged = judge(&permit, &facts, payment, clock::now())?;
    if dry_run {
        return Ok(Answer::ok(&foreseen(&facts, person, &judged))?);
    }
    commit(money, call, entered, &Entering { permit, facts, person, payment, judged }).await
}

fn facts(found: &FamilyFacts, payment: &Payment) -> Result<PaymentFacts, Refusal> {
    Ok(PaymentFacts {
        family: found.family.clone().ok_or_else(countersign_core::family::unknown_family)?,
        head: found.head.clone(),
        from: found.wallet(payment.from),
        to: found.wallet(payment.to),
        spent: found.spent.clone(),
    })
}

/// A payment that was judged.
struct Entering<'a> {
    permit: FamilyPermit,
    facts: PaymentFacts,
    person: &'a Person,
    payment: &'a Payment,
    judged: Judged,
}

async fn commit(
    money: &Money,
    call: &Call,
    entered: &entry::Entered,
    entering: &Entering<'_>,
) -> Result<Answer, Undone> {
    let Entering { permit, facts, person, payment, judged } = entering;
    let now = clock::now();
    let id = MovementId::fresh(now, clock::random());
    let asking = match judged.reasons.is_empty() {
        true => None,
        false => {
            let question = Question {
                family: &facts.family,
                from: facts.from.as_ref(),
                to: facts.to.as_ref(),
                amount_minor: judged.amount_minor,
                currency: judged.currency,
                category: payment.category,
                description: payment.description.as_deref(),
                reversal: None,
            };
            Some(money.ask(id, person, &question, judged.reasons.clone()).await?)
        }
    };
    let waiting = asking.as_ref().map(|asking| asking.waiting.clone());
    let (mut change, movement) = post(permit, facts, payment, judged, Posted { id, waiting }, now)?;
    change.approval = asking.map(|asking| Box::new(asking.approval));
    let answer = Answer::new(StatusCode::CREATED, &view::Entered::of(&movement))?;
    let kept = entry::kept(call, entered.scope(), &answer, now);
    money.store.commit_family(&change, Along { kept: kept.as_ref(), contact: None }).await?;
    Ok(answer)
}

fn foreseen(facts: &PaymentFacts, person: &Person, judged: &Judged) -> Foreseen {
    let waits = !judged.reasons.is_empty();
    let approver = |member: &countersign_core::family::Member| ApproverView {
        user_id: member.user_id.get(),
        name: member.name.clone(),
    };
    let left = |wallet: &countersign_core::ledger::Wallet| {
        judged.currency.format(wallet.available_minor().saturating_sub(judged.amount_minor))
    };
    Foreseen {
        dry_run: true,
        status: if waits { "pending_approval" } else { "executed" },
        amount: judged.currency.format(judged.amount_minor),
        currency: judged.currency.code().to_owned(),
        confirmation_required: waits,
        reasons: judged.reasons.clone(),
        approvers: if waits {
            approvers(&facts.family, person).into_iter().map(approver).collect()
        } else {
            Vec::new()
        },
        available_after: facts.from.as_ref().map(left),
    }
}
