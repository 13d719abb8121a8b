//! What is shown of a family.

use countersign_core::{
    Moment, UserId,
    family::{Category, Family, Member, Rule},
};
use serde::Serialize;

/// A family.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct FamilyView {
    /// Its id.
    id: u64,
    /// Its name.
    name: String,
    /// The currency of its thresholds, and of a wallet where nothing is said.
    currency: String,
    /// A payment above it needs approval; null: none does but for the rules.
    threshold: Option<String>,
    /// What differs from the threshold.
    rules: Vec<RuleView>,
    /// What the caller is there.
    role: Option<&'static str>,
    /// Its people.
    members: Vec<MemberView>,
    /// Its categories.
    categories: Vec<CategoryView>,
    /// When it was made.
    created_at: String,
    /// Since when it is only read, or null.
    closed_at: Option<String>,
}

/// Somebody in a family.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct MemberView {
    /// Who.
    user_id: u64,
    /// `owner`, `adult`, `member` or `child`.
    role: &'static str,
    /// Their name there.
    name: String,
    /// Since when.
    joined_at: String,
}

/// A category.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CategoryView {
    /// Its id.
    id: u64,
    /// Its name.
    name: String,
    /// It takes no new transactions.
    archived: bool,
}

/// When payments of some kind need approval.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RuleView {
    /// Of members with this role; null: of all.
    role: Option<&'static str>,
    /// From this wallet; null: from any.
    wallet_id: Option<u64>,
    /// For this category; null: for any.
    category_id: Option<u64>,
    /// Counts what one person paid without approval in so many days; null: each payment by itself.
    window_days: Option<u32>,
    /// In minor units; null: nothing needs approval.
    limit_minor: Option<i64>,
    /// The same as an amount.
    limit: Option<String>,
    /// For wallets of this currency.
    currency: String,
}

impl FamilyView {
    pub(crate) fn of(family: &Family, seen_by: UserId) -> Self {
        Self {
            id: family.id.get(),
            name: family.name.clone(),
            currency: family.currency.code().to_owned(),
            threshold: family.threshold_minor.map(|minor| family.currency.format(minor)),
            rules: family.rules.iter().map(RuleView::of).collect(),
            role: family.member(seen_by).map(|member| member.role.as_str()),
            members: family.members.iter().map(MemberView::of).collect(),
            categories: family.categories.iter().map(CategoryView::of).collect(),
            created_at: family.created_at.to_rfc3339(),
            closed_at: family.closed_at.map(Moment::to_rfc3339),
        }
    }
}

impl MemberView {
    fn of(member: &Member) -> Self {
        Self {
            user_id: member.user_id.get(),
            role: member.role.as_str(),
            name: member.name.clone(),
            joined_at: member.joined_at.to_rfc3339(),
        }
    }
}

impl CategoryView {
    pub(crate) fn of(category: &Category) -> Self {
        Self { id: category.id.get(), name: category.name.clone(), archived: category.archived }
    }
}

impl RuleView {
    fn of(rule: &Rule) -> Self {
        Self {
            role: rule.role.map(countersign_core::family::FamilyRole::as_str),
            wallet_id: rule.wallet_id.map(u64::from),
            category_id: rule.category_id.map(u64::from),
            window_days: rule.window_days,
            limit_minor: rule.limit_minor,
            limit: rule.limit_minor.map(|minor| rule.currency.format(minor)),
            currency: rule.currency.code().to_owned(),
        }
    }
}
