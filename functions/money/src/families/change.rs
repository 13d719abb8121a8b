//! `PATCH` and `DELETE /api/v1/families/{id}`: a family's name, thresholds and rules; and its end.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    CategoryId, Moment, Refusal, UserId, WalletId,
    family::{self, Family, FamilyPermit, FamilyRole, Rule, Step},
    ledger::unknown_wallet,
    limits,
    money::{AmountText, Currency},
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use serde::Deserialize;

use super::{
    new::{given, threshold},
    step::{Settled, Wanted},
    view::FamilyView,
};
use crate::{Money, entry};

/// What changes, as a request says it.
#[derive(Deserialize)]
struct ChangeForm {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    threshold: Option<AmountText>,
    rules: Option<Vec<RuleForm>>,
}

/// A rule, as a request says it.
#[derive(Deserialize)]
struct RuleForm {
    role: Option<FamilyRole>,
    wallet_id: Option<WalletId>,
    category_id: Option<CategoryId>,
    window_days: Option<u32>,
    currency: Option<String>,
    #[serde(default, deserialize_with = "given")]
    limit: Option<AmountText>,
}

/// What changes; what is not given stays.
#[allow(dead_code, reason = "describes `ChangeForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct FamilyChangeBody {
    /// 1 to 64 characters.
    name: Option<String>,
    /// A payment above it needs approval; null: none does.
    #[schema(example = "500.00")]
    threshold: Option<String>,
    /// All rules, at most 30.
    rules: Option<Vec<RuleBody>>,
}

/// When payments of some kind need approval. Every part that is given must fit the payment.
#[allow(dead_code, reason = "describes `RuleForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct RuleBody {
    /// Of members with this role.
    role: Option<String>,
    /// From this wallet.
    wallet_id: Option<u64>,
    /// For this category.
    category_id: Option<u64>,
    /// 1 to 31: counts what one person paid without approval in so many days of UTC, today included, and what they took from a
    /// wallet by reversing. Such rules count beside the others; without it each payment is judged by itself, and the strictest rule that fits replaces the threshold.
    window_days: Option<u32>,
    /// For wallets of this currency; the family's where nothing is said. Without a threshold a payment in another currency that it
    /// would fit but for that needs approval.
    currency: Option<String>,
    /// More than this needs approval; null: nothing does.
    #[schema(example = "100.00")]
    limit: Option<String>,
}

/// Change a family
#[utoipa::path(
    patch, path = "/api/v1/families/{id}", tag = "families", request_body = FamilyChangeBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The family")),
    responses(
        (status = 200, description = "The family", body = FamilyView),
        (status = 400, description = "A bad name, threshold or rule", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an owner", body = ProblemDocument),
        (status = 404, description = "Not there, or another's; an unknown category or wallet", body = ProblemDocument),
        (status = 409, description = "The family is closed", body = ProblemDocument),
    )
)]
pub(crate) async fn change(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "PATCH /api/v1/families/{id}").await?;
    let seen_by = money.user_of(&entered).await?;
    let wanted = Changing { form: call.object()?, seen_by };
    Ok(money.step(&entered, &call, entry::family_id(&id.0)?, &wanted).await?)
}

struct Changing {
    form: ChangeForm,
    seen_by: UserId,
}

impl Wanted for Changing {
    fn step(&self, family: &Family, _: UserId, _: Moment) -> Result<Step, Refusal> {
        let form = &self.form;
        let rules = form.rules.as_ref().map(|rules| rules.iter().map(|rule| rule.read(family.currency)).collect());
        Ok(Step::Change {
            name: form.name.as_deref().map(|name| family::name("name", name)).transpose()?,
            threshold_minor: form.threshold.as_ref().map(|given| threshold(family.currency, given)).transpose()?,
            rules: rules.transpose()?,
        })
    }

    fn answer(&self, family: &Family) -> Result<Answer, Refusal> {
        Answer::ok(&FamilyView::of(family, self.seen_by))
    }

    /// A rule names wallets of the family's alone.
    async fn holds(&self, money: &Money, permit: &FamilyPermit, _: Moment) -> Result<(), Refusal> {
        let named: Vec<WalletId> = self.form.rules.iter().flatten().filter_map(|rule| rule.wallet_id).collect();
        if named.is_empty() {
            return Ok(());
        }
        let wallets = money.store.wallets(permit).await?;
        let is_there = |id: &WalletId| wallets.iter().any(|wallet| wallet.id == *id);
        if named.iter().all(is_there) { Ok(()) } else { Err(unknown_wallet()) }
    }
}

impl RuleForm {
    fn read(&self, usual: Currency) -> Result<Rule, Refusal> {
        let currency = self.currency.as_deref().map(Currency::read).transpose()?.unwrap_or(usual);
        if self.window_days.is_some_and(|days| !(1..=limits::RULE_WINDOW_DAYS).contains(&days)) {
            return Err(Refusal::invalid(format!("window_days must be 1 to {}", limits::RULE_WINDOW_DAYS)));
        }
        let limit = self.limit.as_ref().ok_or_else(|| Refusal::invalid("a rule must have a limit, or null"))?;
        Ok(Rule {
            role: self.role,
            wallet_id: self.wallet_id,
            category_id: self.category_id,
            window_days: self.window_days,
            currency,
            limit_minor: threshold(currency, limit)?,
        })
    }
}

/// Close a family
///
/// From then on it is only read. No transaction may wait for a decision.
#[utoipa::path(
    delete, path = "/api/v1/families/{id}", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "The family", body = FamilyView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an owner", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "Closed already, or transactions wait", body = ProblemDocument),
    )
)]
pub(crate) async fn close(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "DELETE /api/v1/families/{id}").await?;
    let seen_by = money.user_of(&entered).await?;
    Ok(money.step(&entered, &call, entry::family_id(&id.0)?, &Settled { step: Step::Close, seen_by }).await?)
}
