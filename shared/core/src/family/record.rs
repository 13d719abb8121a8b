//! The record of a family: its people, its categories, and when its payments need approval.

use serde::{Deserialize, Serialize};

use super::permit::{FamilyRole, Permission};
use crate::{CategoryId, FamilyId, Moment, Refusal, UserId, WalletId, approval::one_line, limits, money::Currency};

/// A family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// Its id.
    pub id: FamilyId,
    /// Its name. (`name` is a reserved word of DynamoDB's.)
    #[serde(rename = "family_name")]
    pub name: String,
    /// The currency of its thresholds, and of a wallet where nothing is said.
    pub currency: Currency,
    /// A payment above it needs approval, in minor units; none: no payment does but for its rules.
    pub threshold_minor: Option<i64>,
    /// What differs from the threshold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Its people.
    pub members: Vec<Member>,
    /// Its categories, archived ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was closed: from then on it is only read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Moment>,
}

/// Somebody in a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// What they are there.
    pub role: FamilyRole,
    /// Their name there.
    pub name: String,
    /// Since when.
    pub joined_at: Moment,
}

/// What money is spent on, or comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// It takes no new transactions.
    #[serde(default)]
    pub archived: bool,
}

/// When payments of some kind need approval. Every part that is given must fit the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Of whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<FamilyRole>,
    /// From which wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet_id: Option<WalletId>,
    /// For what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category_id: Option<CategoryId>,
    /// Counts what one person paid without approval in so many days of UTC, today included; none: each payment by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u32>,
    /// For wallets of this currency.
    pub currency: Currency,
    /// More than this needs approval, in minor units; none: nothing does.
    pub limit_minor: Option<i64>,
}

impl Family {
    /// The member of this id.
    #[must_use]
    pub fn member(&self, user_id: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.user_id == user_id)
    }

    /// The category of this id, archived or not.
    #[must_use]
    pub fn category(&self, id: CategoryId) -> Option<&Category> {
        self.categories.iter().find(|category| category.id == id)
    }

    /// Everybody whose role grants this, but for one.
    #[must_use]
    pub fn who_may(&self, permission: Permission, but: Option<UserId>) -> Vec<UserId> {
        let may = |member: &&Member| member.role.grants(permission) && Some(member.user_id) != but;
        self.members.iter().filter(may).map(|member| member.user_id).collect()
    }

    /// Who owns it, but for one.
    #[must_use]
    pub fn owner_ids(&self, but: Option<UserId>) -> Vec<UserId> {
        let owns = |member: &&Member| member.role == FamilyRole::Owner && Some(member.user_id) != but;
        self.members.iter().filter(owns).map(|member| member.user_id).collect()
    }

    /// How many owners it has.
    #[must_use]
    pub fn owners(&self) -> usize {
        self.owner_ids(None).len()
    }

    /// A member's name; one who left has none any more.
    #[must_use]
    pub fn name_of(&self, user_id: UserId) -> Option<&str> {
        self.member(user_id).map(|member| member.name.as_str())
    }
}

/// A name as it is kept: on one line, without what hides or turns other text.
///
/// # Errors
/// 400 where nothing is left of it, or it has more than [`limits::MONEY_NAME_CHARS`] characters.
pub fn name(field: &'static str, given: &str) -> Result<String, Refusal> {
    let name = one_line(given);
    if name.is_empty() || name.chars().count() > limits::MONEY_NAME_CHARS {
        return Err(Refusal::invalid(format!("{field} must have 1 to {} characters", limits::MONEY_NAME_CHARS)));
    }
    Ok(name)
}
