//! What is shown of budgets, goals and what comes again.

use countersign_core::{Moment, budget::Budget, family::Family, goal::Goal, ledger::Month, recurring::Recurring};
use serde::Serialize;

/// A budget beside what was spent.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct BudgetView {
    /// Whose.
    family_id: u64,
    /// Of which category.
    category_id: u64,
    /// The category's name, or null where it is there no more.
    category: Option<String>,
    /// In which currency.
    currency: String,
    /// How much a month.
    limit: String,
    /// Which month (UTC).
    month: String,
    /// What was spent in it; negative where more came back.
    spent: String,
    /// What is left; negative where it was too much.
    left: String,
    /// How much of the limit was spent, in whole per cent, rounded down.
    percent: i64,
    /// What was told of in this month: 80, 100, or null.
    alerted: Option<i64>,
}

impl BudgetView {
    pub(super) fn of(family: &Family, budget: &Budget, month: Month, spent_minor: i64) -> Self {
        let (spending, currency) = (budget.spending(spent_minor), budget.currency);
        Self {
            family_id: budget.family_id.get(),
            category_id: budget.category_id.get(),
            category: family.category(budget.category_id).map(|category| category.name.clone()),
            currency: currency.code().to_owned(),
            limit: currency.format(budget.limit_minor),
            month: month.to_string(),
            spent: currency.format(spending.spent_minor),
            left: currency.format(spending.left_minor),
            percent: spending.percent,
            alerted: budget.told_in(month).map(countersign_core::budget::Level::percent),
        }
    }
}

/// A goal and how far it is.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct GoalView {
    /// Its id.
    id: u64,
    /// Whose.
    family_id: u64,
    /// What it is.
    name: String,
    /// In which currency.
    currency: String,
    /// How much is wanted.
    target: String,
    /// How much was put aside.
    contributed: String,
    /// How often.
    contributions: u64,
    /// What is missing.
    missing: String,
    /// How much of the target was put aside, in whole per cent, rounded down.
    percent: i64,
    /// By when, or null.
    due_on: Option<String>,
    /// When it is reached at the pace since it was set, or null where that cannot be told.
    reached_on: Option<String>,
    /// Whether that is in time; null where no day is set.
    on_track: Option<bool>,
    /// What is to be put aside each month to be in time, or null.
    monthly: Option<String>,
    /// When it was set.
    created_at: String,
}

impl GoalView {
    pub(super) fn of(goal: &Goal, now: Moment) -> Self {
        let (progress, currency) = (goal.progress(now), goal.currency);
        Self {
            id: goal.id.get(),
            family_id: goal.family_id.get(),
            name: goal.name.clone(),
            currency: currency.code().to_owned(),
            target: currency.format(goal.target_minor),
            contributed: currency.format(goal.contributed_minor),
            contributions: goal.contributions,
            missing: currency.format(progress.missing_minor),
            percent: progress.percent,
            due_on: goal.due_on.map(|day| day.to_string()),
            reached_on: progress.reached_on.map(|day| day.to_string()),
            on_track: progress.on_track,
            monthly: progress.monthly_minor.map(|minor| currency.format(minor)),
            created_at: goal.created_at.to_rfc3339(),
        }
    }
}

/// Something that comes again.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct RecurringView {
    /// Its id.
    id: u64,
    /// Whose.
    family_id: u64,
    /// The wallet that it takes from; null: income.
    from_wallet_id: Option<u64>,
    /// The wallet that it goes to; null: an expense.
    to_wallet_id: Option<u64>,
    /// How much.
    amount: String,
    /// In which currency.
    currency: String,
    /// What for, or null.
    category_id: Option<u64>,
    /// What is said of it, or null.
    description: Option<String>,
    /// `day`, `week` or `month`.
    every: &'static str,
    /// The first due day.
    starts_on: String,
    /// No due day is later, or null.
    ends_on: Option<String>,
    /// The next due day; null where it is over.
    next_on: Option<String>,
    /// How many due days there were.
    runs: u32,
    /// `active`, `paused` or `ended`.
    status: &'static str,
    /// Since when it is paused, or null.
    paused_at: Option<String>,
    /// Why it paused by itself, or null.
    paused_reason: Option<String>,
    /// Who set it.
    made_by: u64,
}

impl RecurringView {
    pub(super) fn of(recurring: &Recurring) -> Self {
        let paused = recurring.paused.as_ref();
        Self {
            id: recurring.id.get(),
            family_id: recurring.family_id.get(),
            from_wallet_id: recurring.from_wallet_id.map(u64::from),
            to_wallet_id: recurring.to_wallet_id.map(u64::from),
            amount: recurring.currency.format(recurring.amount_minor),
            currency: recurring.currency.code().to_owned(),
            category_id: recurring.category_id.map(u64::from),
            description: recurring.description.clone(),
            every: recurring.every.as_str(),
            starts_on: recurring.starts_on.to_string(),
            ends_on: recurring.ends_on.map(|day| day.to_string()),
            next_on: recurring.next_on.map(|day| day.to_string()),
            runs: recurring.runs,
            status: match (recurring.next_on, paused) {
                (None, _) => "ended",
                (_, Some(_)) => "paused",
                _ => "active",
            },
            paused_at: paused.map(|pause| pause.since.to_rfc3339()),
            paused_reason: paused.and_then(|pause| pause.reason.clone()),
            made_by: recurring.made_by.get(),
        }
    }
}
