//! A budget is set for a category, in place of the one before, or taken away.

use serde_json::json;

use super::Ground;
use crate::{
    CategoryId, Moment, Refusal,
    budget::Budget,
    family::{Change, FamilyPermit, FamilyWrite, Permission, unknown_family},
    ledger::Month,
    money::Currency,
};

/// How much a category may cost.
#[derive(Clone, Copy, Debug)]
pub struct NewBudget {
    /// Which category.
    pub category_id: CategoryId,
    /// In which currency.
    pub currency: Currency,
    /// How much a month, in minor units, above zero.
    pub limit_minor: i64,
}

/// Sets a budget. `spent_minor` is what the category has cost this month, in the budget's currency.
///
/// # Errors
/// 403 where the permit is for another thing; 404 for an unknown category; 409 for an archived one.
pub fn set(
    permit: &FamilyPermit,
    ground: Ground<'_>,
    before: Option<&Budget>,
    new: NewBudget,
    spent_minor: i64,
    now: Moment,
) -> Result<(Change, Budget), Refusal> {
    ground.check(permit, Permission::ChangeBudgets)?;
    let set_by = permit.actor().ok_or_else(unknown_family)?;
    let NewBudget { category_id, currency, limit_minor } = new;
    let category = ground.family.category(category_id).ok_or_else(unknown_category)?;
    if category.archived {
        return Err(Refusal::conflict(format!("The category {} is archived", category.name)));
    }
    let family_id = ground.family.id;
    let budget = Budget { family_id, category_id, currency, limit_minor, set_at: now, set_by, told: None };
    let budget = budget.set(before, Month::of(now), spent_minor);
    let mut change = Change::begin(permit, ground.head, now);
    let limit = currency.format(limit_minor);
    change.happened("budget.set", json!({ "category_id": category_id, "limit": limit, "currency": currency }));
    change.write(FamilyWrite::Budget(budget.clone()));
    if !change.head.budgeted.contains(&category_id) {
        change.head.budgeted.push(category_id);
    }
    Ok((change, budget))
}

/// Takes a budget away.
///
/// # Errors
/// 403 where the permit is for another thing.
pub fn remove(permit: &FamilyPermit, ground: Ground<'_>, budget: &Budget, now: Moment) -> Result<Change, Refusal> {
    ground.check(permit, Permission::ChangeBudgets)?;
    let mut change = Change::begin(permit, ground.head, now);
    change.happened("budget.removed", json!({ "category_id": budget.category_id }));
    change.write(FamilyWrite::NoBudget(budget.category_id));
    change.head.budgeted.retain(|category| *category != budget.category_id);
    Ok(change)
}

/// 404: there is no such category in this family.
#[must_use]
pub fn unknown_category() -> Refusal {
    Refusal::not_found("No such category")
}

/// 404: the category has no budget.
#[must_use]
pub fn no_budget() -> Refusal {
    Refusal::not_found("This category has no budget")
}
