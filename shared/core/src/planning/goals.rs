//! A goal is set, changed, saved for, and taken away.

use serde_json::json;

use super::Ground;
use crate::{
    GoalId, Moment, MovementId, Refusal,
    day::Day,
    family::{Change, FamilyPermit, FamilyWrite, Permission, unknown_family},
    goal::Goal,
    ledger::{Kind, Standing, Status, Wallet, WalletKind},
    limits,
    money::Currency,
};

/// What a new goal is made of.
#[derive(Clone, Debug)]
pub struct NewGoal {
    /// Its id.
    pub id: GoalId,
    /// What it is, read.
    pub name: String,
    /// In which currency.
    pub currency: Currency,
    /// How much is wanted, in minor units, above zero.
    pub target_minor: i64,
    /// By when.
    pub due_on: Option<Day>,
}

/// What changes of a goal; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct GoalChange {
    /// What it is, read.
    pub name: Option<String>,
    /// How much is wanted, in minor units, above zero.
    pub target_minor: Option<i64>,
    /// By when; `Some(None)` takes it away.
    pub due_on: Option<Option<Day>>,
}

/// Something put aside, or taken back.
#[derive(Clone, Copy, Debug)]
pub struct Contribution {
    /// How much, in minor units; less than zero takes back.
    pub delta_minor: i64,
    /// The transfer that brought it.
    pub movement_id: Option<MovementId>,
}

/// Sets a goal.
///
/// # Errors
/// 403 where the permit is for another thing; 409 where there are [`limits::FAMILY_GOALS`] already.
pub fn create(
    permit: &FamilyPermit,
    ground: Ground<'_>,
    there_are: usize,
    new: NewGoal,
    now: Moment,
) -> Result<(Change, Goal), Refusal> {
    ground.check(permit, Permission::ChangeGoals)?;
    if there_are >= limits::FAMILY_GOALS {
        return Err(Refusal::conflict(format!("A family has at most {} goals", limits::FAMILY_GOALS)));
    }
    let goal = Goal {
        id: new.id,
        family_id: ground.family.id,
        name: new.name,
        currency: new.currency,
        target_minor: new.target_minor,
        due_on: new.due_on,
        contributed_minor: 0,
        contributions: 0,
        created_at: now,
        created_by: permit.actor().ok_or_else(unknown_family)?,
    };
    let mut change = told(permit, ground, "goal.set", &goal, now);
    change.write(FamilyWrite::GoalOwner(goal.id));
    Ok((change, goal))
}

/// Changes a goal.
///
/// # Errors
/// 403 where the permit is for another thing.
pub fn change(
    permit: &FamilyPermit,
    ground: Ground<'_>,
    goal: &Goal,
    changed: GoalChange,
    now: Moment,
) -> Result<(Change, Goal), Refusal> {
    ground.check(permit, Permission::ChangeGoals)?;
    let goal = Goal {
        name: changed.name.unwrap_or_else(|| goal.name.clone()),
        target_minor: changed.target_minor.unwrap_or(goal.target_minor),
        due_on: changed.due_on.unwrap_or(goal.due_on),
        ..goal.clone()
    };
    Ok((told(permit, ground, "goal.changed", &goal, now), goal))
}

fn told(permit: &FamilyPermit, ground: Ground<'_>, kind: &str, goal: &Goal, now: Moment) -> Change {
    let mut change = Change::begin(permit, ground.head, now);
    let target = goal.currency.format(goal.target_minor);
    let told = json!({
        "goal_id": goal.id, "name": goal.name, "target": target, "currency": goal.currency, "due_on": goal.due_on,
    });
    change.happened(kind, told);
    change.write(FamilyWrite::Goal(goal.clone()));
    change
}

/// Takes a goal away.
///
/// # Errors
/// 403 where the permit is for another thing.
pub fn remove(permit: &FamilyPermit, ground: Ground<'_>, goal: &Goal, now: Moment) -> Result<Change, Refusal> {
    ground.check(permit, Permission::ChangeGoals)?;
    let mut change = Change::begin(permit, ground.head, now);
    change.happened("goal.removed", json!({ "goal_id": goal.id, "name": goal.name }));
    change.write(FamilyWrite::NoGoal(goal.id));
    Ok(change)
}

/// Puts aside for a goal, or takes back. No money moves: what moves it is a transaction, and a transfer may be named once.
///
/// # Errors
/// 403 where the permit is for another thing; 409 where more is taken back than is there.
pub fn contribute(
    permit: &FamilyPermit,
    ground: Ground<'_>,
    goal: &Goal,
    contribution: Contribution,
    now: Moment,
) -> Result<(Change, Goal), Refusal> {
    ground.check(permit, Permission::Save)?;
    let mut change = Change::begin(permit, ground.head, now);
    let goal = contributed(&mut change, goal, contribution)?;
    if let Some(movement_id) = contribution.movement_id {
        change.write(FamilyWrite::GoalLink(movement_id, goal.id));
    }
    Ok((change, goal))
}

fn contributed(change: &mut Change, goal: &Goal, contribution: Contribution) -> Result<Goal, Refusal> {
    let Contribution { delta_minor, movement_id } = contribution;
    let goal = goal.contributed(delta_minor)?;
    let told = json!({
        "goal_id": goal.id,
        "amount": goal.currency.format(delta_minor),
        "currency": goal.currency,
        "contributed": goal.currency.format(goal.contributed_minor),
        "transaction_id": movement_id,
    });
    change.happened("goal.contributed", told);
    change.write(FamilyWrite::Goal(goal.clone()));
    Ok(goal)
}

/// The transfer whose reversal a change executes, and its amount in minor units.
#[must_use]
pub fn reversed_transfer(change: &Change) -> Option<(MovementId, i64)> {
    let reversed = change.writes.iter().find_map(|write| match write {
        FamilyWrite::Reversal(mark) if mark.reversed_at.is_some() => Some(mark.movement_id),
        _ => None,
    })?;
    let side = |takes: bool| {
        change.writes.iter().find_map(|write| match write {
            FamilyWrite::Entry(entry) if (entry.delta_minor < 0) == takes => Some(entry.delta_minor),
            _ => None,
        })
    };
    side(true).and(side(false)).map(|minor| (reversed, minor))
}

/// Adds to the change that reverses a transfer that what it put aside for this goal is taken back: as much as is still there.
///
/// # Errors
/// None that a goal as it is kept could bring about.
pub fn take_back(change: &mut Change, goal: &Goal, transfer: (MovementId, i64)) -> Result<(), Refusal> {
    let (movement_id, minor) = transfer;
    let delta_minor = -minor.min(goal.contributed_minor);
    if delta_minor == 0 {
        return Ok(());
    }
    contributed(change, goal, Contribution { delta_minor, movement_id: Some(movement_id) }).map(|_| ())
}

/// What a transfer into this wallet puts aside.
///
/// # Errors
/// 409 where it is no executed transfer of the goal's currency into a savings wallet.
pub fn of_transfer(goal: &Goal, standing: &Standing, to: Option<&Wallet>) -> Result<Contribution, Refusal> {
    let movement = &standing.movement;
    if movement.kind != Kind::Transfer || standing.status() != Status::Executed {
        return Err(Refusal::conflict("Only an executed transfer is put aside")
            .with("transaction_status", standing.status().as_str()));
    }
    if !to.is_some_and(|to| Some(to.id) == movement.to_wallet_id && to.kind == WalletKind::Savings) {
        return Err(Refusal::conflict("Only a transfer into a savings wallet is put aside"));
    }
    if movement.currency != goal.currency {
        return Err(Refusal::conflict(format!(
            "The goal is in {}, the transfer in {}",
            goal.currency, movement.currency
        )));
    }
    Ok(Contribution { delta_minor: movement.amount_minor, movement_id: Some(movement.id) })
}

/// 404: there is no such goal, or it is another family's.
#[must_use]
pub fn unknown_goal() -> Refusal {
    Refusal::not_found("No such goal")
}
