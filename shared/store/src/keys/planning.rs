//! Keys of what a family plans: budgets, goals, what comes again.

use countersign_core::{CategoryId, FamilyId, GoalId, MovementId, RecurringId};

use super::{Key, family::partition};

/// The partition of the index `pending` that holds what comes again, each at its next due day.
pub(crate) const PENDING_RECURRING: &str = "RECURRING";

pub(crate) const BUDGET_PREFIX: &str = "BUDGET#";

/// The budget of a category: there is one.
pub(crate) fn budget(family: FamilyId, category: CategoryId) -> Key {
    Key::new(partition(family), format!("{BUDGET_PREFIX}{:016}", category.get()))
}

pub(crate) const GOAL_PREFIX: &str = "GOAL#";

pub(crate) fn goal(family: FamilyId, id: GoalId) -> Key {
    Key::new(partition(family), format!("{GOAL_PREFIX}{:016}", id.get()))
}

/// Whose a goal is, found by its id alone.
pub(crate) fn goal_owner(id: GoalId) -> Key {
    Key::new(format!("GOAL#{id}"), "OWNER")
}

/// A transfer that was put aside for a goal, once.
pub(crate) fn goal_link(movement: MovementId) -> Key {
    Key::new(super::family::movement_partition(movement), "GOAL")
}

pub(crate) const RECURRING_PREFIX: &str = "RECURRING#";

pub(crate) fn recurring(family: FamilyId, id: RecurringId) -> Key {
    Key::new(partition(family), format!("{RECURRING_PREFIX}{:016}", id.get()))
}

/// Whose something is that comes again, found by its id alone.
pub(crate) fn recurring_owner(id: RecurringId) -> Key {
    Key::new(format!("RECURRING#{id}"), "OWNER")
}

/// Takes [`recurring`] apart.
pub(crate) fn recurring_of(key: &Key) -> Option<(FamilyId, RecurringId)> {
    let family = key.pk.strip_prefix("FAMILY#")?.parse().ok()?;
    let id = key.sk.strip_prefix(RECURRING_PREFIX)?.trim_start_matches('0').parse().ok()?;
    Some((family, id))
}
