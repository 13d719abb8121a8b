//! How a family begins, and how somebody joins it.

use serde_json::json;

use super::{
    change::{Change, FamilyWrite, Membership},
    invitation::Invitation,
    permit::{FamilyPermit, FamilyRole},
    record::{Family, Member},
    steps::{may_give, open, room},
};
use crate::{
    FamilyId, Moment, Person, Refusal, UserId, chain::Head, limits, messaging::words::families as words,
    money::Currency, planning::alert, policy::Permit,
};

/// What a new family is made of.
#[derive(Clone, Debug)]
pub struct NewFamily {
    /// Its id.
    pub id: FamilyId,
    /// Its name, read.
    pub name: String,
    /// Its currency.
    pub currency: Currency,
    /// A payment above it needs approval, in minor units; none: no payment does.
    pub threshold_minor: Option<i64>,
    /// Who makes it, and owns it.
    pub owner: UserId,
    /// Their name there.
    pub owner_name: String,
}

/// A family that its first owner makes.
#[must_use]
pub fn create(platform: &Permit, new: NewFamily, at: Moment) -> (Change, Family) {
    let permit = FamilyPermit::of_founder(new.id, new.owner, platform);
    let owner = Member { user_id: new.owner, role: FamilyRole::Owner, name: new.owner_name, joined_at: at };
    let family = Family {
        id: new.id,
        name: new.name,
        currency: new.currency,
        threshold_minor: new.threshold_minor,
        rules: Vec::new(),
        members: vec![owner],
        categories: Vec::new(),
        created_at: at,
        closed_at: None,
    };
    let mut change = Change::begin(&permit, &Head::default(), at);
    change.happened("family.created", json!({ "name": family.name, "owner": new.owner, "currency": family.currency }));
    change.write(FamilyWrite::Membership(Membership {
        family_id: family.id,
        user_id: new.owner,
        role: FamilyRole::Owner,
    }));
    change.write(FamilyWrite::Family(family.clone()));
    (change, family)
}

/// Somebody joins by an invitation that is live. These owners, all but who invited, are told in Telegram who has joined, as what,
/// and by whom invited.
///
/// # Errors
/// 404 where the invitation is over or the family is not there; 409 where they are in it already, or it is full or closed.
pub fn accept(
    platform: &Permit,
    head: &Head,
    family: &Family,
    invitation: &Invitation,
    member: (UserId, String),
    owners: &[Person],
    at: Moment,
) -> Result<(Change, Family), Refusal> {
    let (user_id, name) = member;
    if invitation.live_until <= at || invitation.family_id != family.id {
        return Err(Refusal::not_found("The invitation is not good any more"));
    }
    let inviter = family.member(invitation.invited_by).filter(|member| may_give(member.role, invitation.role));
    let inviter = inviter.ok_or_else(|| Refusal::not_found("The invitation is not good any more"))?.name.clone();
    open(family)?;
    if family.member(user_id).is_some() {
        return Err(Refusal::conflict("You are in this family already"));
    }
    room(family.members.len(), limits::FAMILY_MEMBERS, "people")?;
    let mut family = family.clone();
    let permit = FamilyPermit::of_founder(family.id, user_id, platform);
    let mut change = Change::begin(&permit, head, at);
    let joined = json!({ "user_id": user_id, "role": invitation.role, "invited_by": invitation.invited_by });
    change.happened("member.joined", joined);
    alert::send(&mut change, owners, |language| {
        words::somebody_joined(language, &family.name, &name, invitation.role, &inviter)
    });
    change.write(FamilyWrite::Membership(Membership { family_id: family.id, user_id, role: invitation.role }));
    change.write(FamilyWrite::NoInvitation(invitation.id, invitation.code_hash.clone()));
    family.members.push(Member { user_id, role: invitation.role, name, joined_at: at });
    change.write(FamilyWrite::Family(family.clone()));
    Ok((change, family))
}
