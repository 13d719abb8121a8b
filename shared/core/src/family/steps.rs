//! What is decided about a family itself: changed, left, handed over, closed. Pure.

use serde_json::json;

use super::{
    change::{Change, FamilyWrite, Membership},
    invitation::Invitation,
    permit::{FamilyPermit, FamilyRole, Permission, unknown_family},
    record::{Category, Family, Member, Rule},
};
use crate::{CategoryId, Moment, Refusal, UserId, chain::Head, limits};

/// Something that is done with a family's record.
#[derive(Clone, Debug)]
pub enum Step {
    /// What is given changes; the rest stays.
    Change {
        /// The name, read.
        name: Option<String>,
        /// The threshold; `Some(None)` takes it away.
        threshold_minor: Option<Option<i64>>,
        /// All rules.
        rules: Option<Vec<Rule>>,
    },
    /// It is only read from now on.
    Close,
    /// Somebody has another role or name.
    Member {
        /// Who.
        user_id: UserId,
        /// The role.
        role: Option<FamilyRole>,
        /// The name, read.
        name: Option<String>,
    },
    /// Somebody is not in it any more: another, or oneself.
    Remove(UserId),
    /// Somebody else owns it; whoever hands over is an adult from then on.
    HandOver(UserId),
    /// A new category, with its name, read.
    NewCategory(CategoryId, String),
    /// A category has another name, or is archived or not.
    Category {
        /// Which.
        id: CategoryId,
        /// The name, read.
        name: Option<String>,
        /// Whether it takes no new transactions.
        archived: Option<bool>,
    },
    /// Somebody is invited.
    Invite(Invitation),
    /// An invitation is taken back.
    TakeBack(Invitation),
}

impl Step {
    /// What its permit must be for. To leave nobody needs a right; to take back one's own neither.
    #[must_use]
    pub fn permission(&self, actor: UserId) -> Permission {
        match self {
            Self::Change { .. } | Self::Close => Permission::ChangeFamily,
            Self::Member { user_id, role: None, .. } | Self::Remove(user_id) if *user_id == actor => Permission::See,
            Self::Member { .. } | Self::Remove(_) | Self::HandOver(_) => Permission::ChangeMembers,
            Self::NewCategory(..) | Self::Category { .. } => Permission::ChangeCategories,
            Self::Invite(_) | Self::TakeBack(_) => Permission::Invite,
        }
    }
}

/// Does one thing with a family.
///
/// # Errors
/// 403 where the permit is for another thing or a role may not be given; 404 for an unknown member or category; 409 where
/// nothing would be left to decide (the last owner), where something is full, and where transactions wait.
pub fn settle(
    permit: &FamilyPermit,
    head: &Head,
    family: &Family,
    step: Step,
    at: Moment,
) -> Result<(Change, Family), Refusal> {
    let actor = permit.actor().and_then(|id| family.member(id)).ok_or_else(unknown_family)?.clone();
    permit.check(family.id, step.permission(actor.user_id))?;
    open(family)?;
    let (mut change, mut family) = (Change::begin(permit, head, at), family.clone());
    match step {
        Step::Change { name, threshold_minor, rules } => {
            settings(&mut change, &mut family, name, threshold_minor, rules)?
        }
        Step::Close => close(&mut change, &mut family, at)?,
        Step::Member { user_id, role, name } => member(&mut change, &mut family, &actor, (user_id, role, name))?,
        Step::Remove(user_id) => remove(&mut change, &mut family, user_id)?,
        Step::HandOver(to) => hand_over(&mut change, &mut family, &actor, to)?,
        Step::NewCategory(id, name) => new_category(&mut change, &mut family, id, name)?,
        Step::Category { id, name, archived } => category(&mut change, &mut family, id, name, archived)?,
        Step::Invite(invitation) => {
            invite(&mut change, &actor, invitation)?;
            return Ok((change, family));
        }
        Step::TakeBack(invitation) => {
            change.happened("invitation.taken_back", json!({ "invitation_id": invitation.id }));
            change.write(FamilyWrite::NoInvitation(invitation.id, invitation.code_hash));
            return Ok((change, family));
        }
    }
    change.write(FamilyWrite::Family(family.clone()));
    Ok((change, family))
}

pub(super) fn open(family: &Family) -> Result<(), Refusal> {
    if family.closed_at.is_some() { Err(Refusal::conflict("The family is closed")) } else { Ok(()) }
}

pub(super) fn room(count: usize, most: usize, what: &str) -> Result<(), Refusal> {
    if count < most { Ok(()) } else { Err(Refusal::conflict(format!("A family has at most {most} {what}"))) }
}

fn settings(
    change: &mut Change,
    family: &mut Family,
    name: Option<String>,
    threshold_minor: Option<Option<i64>>,
    rules: Option<Vec<Rule>>,
) -> Result<(), Refusal> {
    if let Some(name) = name {
        family.name = name;
    }
    if let Some(threshold) = threshold_minor {
        family.threshold_minor = threshold;
    }
    if let Some(rules) = rules {
        room(rules.len(), limits::FAMILY_RULES + 1, "rules")?;
        let known = |rule: &Rule| rule.category_id.is_none_or(|id| family.category(id).is_some());
        if !rules.iter().all(known) {
            return Err(Refusal::not_found("No such category"));
        }
        family.rules = rules;
    }
    let threshold = family.threshold_minor.map(|minor| family.currency.format(minor));
    change.happened(
        "family.changed",
        json!({ "name": family.name, "threshold": threshold, "rules": serde_json::to_value(&family.rules).unwrap_or_default() }),
    );
    Ok(())
}

fn close(change: &mut Change, family: &mut Family, at: Moment) -> Result<(), Refusal> {
    if change.before.open > 0 {
        return Err(Refusal::conflict("Transactions wait for a decision").with("open", change.before.open));
    }
    family.closed_at = Some(at);
    change.happened("family.closed", json!({}));
    Ok(())
}

/// Only an owner gives a role that approves payments: an adult who gave it could approve their own as somebody else.
pub(super) fn may_give(own: FamilyRole, given: FamilyRole) -> bool {
    own == FamilyRole::Owner || own.grants(Permission::Invite) && !given.grants(Permission::Approve)
}

fn may_not_give() -> Refusal {
    Refusal::forbidden("Only an owner makes somebody an owner or an adult")
}

fn member(
    change: &mut Change,
    family: &mut Family,
    actor: &Member,
    (user_id, role, name): (UserId, Option<FamilyRole>, Option<String>),
) -> Result<(), Refusal> {
    let owners = family.owners();
    let member = family.members.iter_mut().find(|member| member.user_id == user_id).ok_or_else(unknown_member)?;
    if let Some(role) = role {
        if !may_give(actor.role, role) {
            return Err(may_not_give());
        }
        if member.role == FamilyRole::Owner && role != FamilyRole::Owner && owners == 1 {
            return Err(last_owner());
        }
        member.role = role;
    }
    if let Some(name) = name {
        member.name = name;
    }
    change.happened("member.changed", json!({ "user_id": user_id, "role": member.role, "name": member.name }));
    let membership = Membership { family_id: family.id, user_id, role: member.role };
    change.write(FamilyWrite::Membership(membership));
    Ok(())
}

fn remove(change: &mut Change, family: &mut Family, user_id: UserId) -> Result<(), Refusal> {
    let member = family.member(user_id).ok_or_else(unknown_member)?;
    if member.role == FamilyRole::Owner && family.owners() == 1 {
        return Err(last_owner());
    }
    let kind = if change.by() == format!("u:{user_id}") { "member.left" } else { "member.removed" };
    change.happened(kind, json!({ "user_id": user_id, "role": member.role, "name": member.name }));
    family.members.retain(|member| member.user_id != user_id);
    change.write(FamilyWrite::NoMembership(user_id));
    Ok(())
}

fn hand_over(change: &mut Change, family: &mut Family, actor: &Member, to: UserId) -> Result<(), Refusal> {
    if to == actor.user_id {
        return Err(Refusal::invalid("user_id must be another member"));
    }
    family.member(to).ok_or_else(unknown_member)?;
    let (id, mut memberships) = (family.id, Vec::new());
    for member in &mut family.members {
        let role = match member.user_id {
            user_id if user_id == to => FamilyRole::Owner,
            user_id if user_id == actor.user_id => FamilyRole::Adult,
            _ => continue,
        };
        member.role = role;
        memberships.push(Membership { family_id: id, user_id: member.user_id, role });
    }
    change.happened("family.handed_over", json!({ "from": actor.user_id, "to": to }));
    memberships.into_iter().for_each(|membership| change.write(FamilyWrite::Membership(membership)));
    Ok(())
}

fn new_category(change: &mut Change, family: &mut Family, id: CategoryId, name: String) -> Result<(), Refusal> {
    room(family.categories.len(), limits::FAMILY_CATEGORIES, "categories")?;
    if family.categories.iter().any(|category| category.name == name && !category.archived) {
        return Err(Refusal::conflict("There is a category of this name"));
    }
    change.happened("category.created", json!({ "category_id": id, "name": name }));
    family.categories.push(Category { id, name, archived: false });
    Ok(())
}

fn category(
    change: &mut Change,
    family: &mut Family,
    id: CategoryId,
    name: Option<String>,
    archived: Option<bool>,
) -> Result<(), Refusal> {
    let found = family.categories.iter_mut().find(|category| category.id == id);
    let category = found.ok_or_else(|| Refusal::not_found("No such category"))?;
    if let Some(name) = name {
        category.name = name;
    }
    if let Some(archived) = archived {
        category.archived = archived;
    }
    let told = json!({ "category_id": id, "name": category.name, "archived": category.archived });
    change.happened("category.changed", told);
    Ok(())
}

fn invite(change: &mut Change, actor: &Member, invitation: Invitation) -> Result<(), Refusal> {
    if !may_give(actor.role, invitation.role) {
        return Err(may_not_give());
    }
    let told = json!({ "invitation_id": invitation.id, "role": invitation.role });
    change.happened("invitation.made", told);
    change.write(FamilyWrite::Invitation(invitation));
    Ok(())
}

fn unknown_member() -> Refusal {
    Refusal::not_found("No such member")
}

fn last_owner() -> Refusal {
    Refusal::conflict("The last owner cannot leave: hand the family over first")
}
