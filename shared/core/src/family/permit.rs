//! What a role may do in its family, and the permit that every write into a family demands.

use serde::{Deserialize, Serialize};

use super::record::{Family, Member};
use crate::{
    FamilyId, Refusal, UserId,
    policy::{FAMILIES, Permit},
};

/// What somebody is in a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FamilyRole {
    /// Decides about everything; a family has at least one.
    Owner,
    /// Pays, approves others' payments, keeps wallets and budgets.
    Adult,
    /// Pays.
    Member,
    /// Pays.
    Child,
}

impl FamilyRole {
    /// All of them, those who may most first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Adult, Self::Member, Self::Child];

    /// The wire's name, and the key in infra/permissions.yaml.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Adult => "adult",
            Self::Member => "member",
            Self::Child => "child",
        }
    }

    /// Whether infra/permissions.yaml grants it this.
    #[must_use]
    pub fn grants(self, permission: Permission) -> bool {
        let granted = FAMILIES.iter().find(|(role, _)| *role == self.as_str());
        granted.is_some_and(|(_, granted)| granted.contains(&permission.as_str()))
    }
}

/// Something that may be done in a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See its people, wallets, transactions, budgets, goals and reports.
    See,
    /// Enter payments and transfers, and take back one's own that wait.
    Pay,
    /// Put money aside for a goal.
    Save,
    /// Enter income.
    BookIncome,
    /// Approve or reject what others want to pay.
    Approve,
    /// Reverse a transaction.
    Reverse,
    /// Make, change and archive wallets.
    ChangeWallets,
    /// Make, change and archive categories.
    ChangeCategories,
    /// Set budgets.
    ChangeBudgets,
    /// Set goals.
    ChangeGoals,
    /// Set what comes again by itself.
    ChangeRecurring,
    /// Invite people; as an owner or an adult only where one is an owner.
    Invite,
    /// Read the event log.
    SeeEvents,
    /// Change its name, thresholds and rules; close it.
    ChangeFamily,
    /// Change roles, remove people, hand over.
    ChangeMembers,
    /// Read who looked at what.
    SeeAccess,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::See,
        Self::Pay,
        Self::Save,
        Self::BookIncome,
        Self::Approve,
        Self::Reverse,
        Self::ChangeWallets,
        Self::ChangeCategories,
        Self::ChangeBudgets,
        Self::ChangeGoals,
        Self::ChangeRecurring,
        Self::Invite,
        Self::SeeEvents,
        Self::ChangeFamily,
        Self::ChangeMembers,
        Self::SeeAccess,
    ];

    /// Its name in infra/permissions.yaml.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Pay => "pay",
            Self::Save => "save",
            Self::BookIncome => "book_income",
            Self::Approve => "approve",
            Self::Reverse => "reverse",
            Self::ChangeWallets => "change_wallets",
            Self::ChangeCategories => "change_categories",
            Self::ChangeBudgets => "change_budgets",
            Self::ChangeGoals => "change_goals",
            Self::ChangeRecurring => "change_recurring",
            Self::Invite => "invite",
            Self::SeeEvents => "see_events",
            Self::ChangeFamily => "change_family",
            Self::ChangeMembers => "change_members",
            Self::SeeAccess => "see_access",
        }
    }
}

/// The proof that somebody may do something in a family. Only [`permit`] and the settling of an approval make one.
#[derive(Clone, Debug)]
pub struct FamilyPermit {
    family_id: FamilyId,
    actor: Option<UserId>,
    by: String,
    permission: Permission,
}

impl FamilyPermit {
    /// Whose records it opens.
    #[must_use]
    pub fn family_id(&self) -> FamilyId {
        self.family_id
    }

    /// Who acts; none: the hour.
    #[must_use]
    pub fn actor(&self) -> Option<UserId> {
        self.actor
    }

    /// Who acts, as it is written down.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// For what it was given.
    #[must_use]
    pub fn permission(&self) -> Permission {
        self.permission
    }

    /// Whether it was given for this, in this family.
    ///
    /// # Errors
    /// 403 where it was given for another thing.
    pub fn check(&self, family_id: FamilyId, permission: Permission) -> Result<(), Refusal> {
        if self.permission == permission && self.family_id == family_id {
            return Ok(());
        }
        Err(Refusal::forbidden("The permit is for another thing"))
    }

    /// The permit of whoever makes a family, or joins one by an invitation.
    pub(super) fn of_founder(family_id: FamilyId, actor: UserId, platform: &Permit) -> Self {
        let by = platform.by().to_owned();
        Self { family_id, actor: Some(actor), by, permission: Permission::See }
    }

    /// The permit of the hour, which ends what nobody decided.
    pub(crate) fn of_hour(family_id: FamilyId) -> Self {
        Self { family_id, actor: None, by: "system".to_owned(), permission: Permission::Approve }
    }
}

/// Decides whether whoever has this platform permit may do this in this family.
///
/// # Errors
/// 404 where there is no such family or they are not in it; 403 where their role does not grant it; 409 where the family is
/// closed and something is to be written.
pub fn permit(
    platform: &Permit,
    actor: UserId,
    family: Option<&Family>,
    permission: Permission,
) -> Result<FamilyPermit, Refusal> {
    let family = family.ok_or_else(unknown_family)?;
    let member = family.member(actor).ok_or_else(unknown_family)?;
    member_permit(platform.by(), family, member, permission)
}

/// The same for a member of the family as it was read.
///
/// # Errors
/// 403 where their role does not grant it; 409 where the family is closed and something is to be written.
pub fn member_permit(
    by: &str,
    family: &Family,
    member: &Member,
    permission: Permission,
) -> Result<FamilyPermit, Refusal> {
    if !member.role.grants(permission) {
        return Err(Refusal::forbidden("Your role in the family does not allow this"));
    }
    let reads = matches!(permission, Permission::See | Permission::SeeEvents | Permission::SeeAccess);
    if family.closed_at.is_some() && !reads {
        return Err(Refusal::conflict("The family is closed"));
    }
    Ok(FamilyPermit { family_id: family.id, actor: Some(member.user_id), by: by.to_owned(), permission })
}

/// 404: there is no such family, or it is others'.
#[must_use]
pub fn unknown_family() -> Refusal {
    Refusal::not_found("No such family")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_names_only_what_there_is() {
        for (role, granted) in FAMILIES {
            assert!(FamilyRole::ALL.iter().any(|known| known.as_str() == *role), "{role}");
            for permission in *granted {
                assert!(Permission::ALL.iter().any(|known| known.as_str() == *permission), "{role}: {permission}");
            }
        }
        for permission in Permission::ALL {
            assert!(FamilyRole::Owner.grants(permission), "{permission:?}");
        }
        assert!(!FamilyRole::Child.grants(Permission::Approve) && !FamilyRole::Member.grants(Permission::Invite));
    }
}
