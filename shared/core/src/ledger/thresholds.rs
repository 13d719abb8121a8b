//! When a payment needs approval: the family's threshold, its rules, and windows that keep splitting from dodging both.

use serde::{Deserialize, Serialize};

use super::wallet::Wallet;
use crate::{
    CategoryId, Moment, UserId, WalletId,
    family::{Family, Member, Rule},
    limits,
    money::Currency,
};

/// What somebody paid without approval on one day of UTC, from one wallet for one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Days since the epoch.
    pub day: i64,
    /// From which wallet.
    pub wallet_id: WalletId,
    /// What for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category_id: Option<CategoryId>,
    /// How much, in minor units.
    pub minor: i64,
    /// In which currency.
    pub currency: Currency,
}

/// What somebody paid without approval in the last days. Kept while the family has a rule with a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Who.
    pub user_id: UserId,
    /// By day, wallet and category.
    pub buckets: Vec<Bucket>,
}

impl Spent {
    /// Nothing.
    #[must_use]
    pub fn nothing(user_id: UserId) -> Self {
        Self { user_id, buckets: Vec::new() }
    }

    /// With one more payment; what no window reaches any more is dropped.
    #[must_use]
    pub fn with(&self, new: Bucket) -> Self {
        let first = new.day - i64::from(limits::RULE_WINDOW_DAYS) + 1;
        let mut buckets: Vec<Bucket> = self.buckets.iter().filter(|bucket| bucket.day >= first).copied().collect();
        let same = |bucket: &&mut Bucket| {
            (bucket.day, bucket.wallet_id, bucket.category_id) == (new.day, new.wallet_id, new.category_id)
        };
        match buckets.iter_mut().find(same) {
            Some(bucket) => bucket.minor = bucket.minor.saturating_add(new.minor),
            None => buckets.push(new),
        }
        Self { user_id: self.user_id, buckets }
    }
}

/// The day of UTC, in days since the epoch.
#[must_use]
pub fn day_of(moment: Moment) -> i64 {
    moment.seconds().div_euclid(86_400)
}

/// Why a payment of so many minor units from this wallet needs approval, in English; nothing where it needs none.
///
/// Without a window the rules that fit replace the threshold, and the strictest of them counts. Rules with a window count
/// beside them. Threshold and rules are of one currency each: a payment in a currency that neither is of needs approval. So
/// does one that only rules in another currency would hold, where there is no threshold.
#[must_use]
pub fn reasons(
    family: &Family,
    payer: &Member,
    wallet: &Wallet,
    category: Option<CategoryId>,
    minor: i64,
    spent: &Spent,
    now: Moment,
) -> Vec<String> {
    let concerns = |rule: &&Rule| concerns(rule, payer, wallet, category);
    let fits = |rule: &&Rule| concerns(rule) && rule.currency == wallet.currency;
    let single: Vec<&Rule> = family.rules.iter().filter(|rule| rule.window_days.is_none()).filter(fits).collect();
    let mut reasons = Vec::new();
    match strictest(&single) {
        Some(limit) if limit.is_some_and(|limit| minor > limit) => {
            reasons.push(format!("more than {} needs approval by a rule", wallet.currency.show(limit.unwrap_or(0))));
        }
        Some(_) => {}
        None if family.threshold_minor.is_some() => reasons.extend(over_threshold(family, wallet, minor)),
        None if family.rules.iter().any(|rule| fits(&rule)) => {}
        None => {
            let other = family.rules.iter().filter(|rule| rule.limit_minor.is_some()).find(concerns);
            reasons.extend(other.map(|rule| other_currency("rule", rule.currency, wallet)));
        }
    }
    for rule in family.rules.iter().filter(|rule| rule.window_days.is_some()).filter(fits) {
        let (days, Some(limit)) = (rule.window_days.unwrap_or(1), rule.limit_minor) else { continue };
        if paid(rule, wallet, spent, days, now).saturating_add(minor) > limit {
            let most = wallet.currency.show(limit);
            let days = if days == 1 { "one day".to_owned() } else { format!("{days} days") };
            reasons.push(format!("more than {most} in {days} needs approval by a rule"));
        }
    }
    reasons
}

fn over_threshold(family: &Family, wallet: &Wallet, minor: i64) -> Option<String> {
    let threshold = family.threshold_minor?;
    if wallet.currency != family.currency {
        return Some(other_currency("threshold", family.currency, wallet));
    }
    (minor > threshold).then(|| format!("more than {} needs approval", family.currency.show(threshold)))
}

fn other_currency(what: &str, currency: Currency, wallet: &Wallet) -> String {
    format!("the {what} is in {currency}, and this is in {}", wallet.currency)
}

/// Whether a rule is about such a payment, in whatever currency.
fn concerns(rule: &Rule, payer: &Member, wallet: &Wallet, category: Option<CategoryId>) -> bool {
    rule.role.is_none_or(|role| role == payer.role)
        && rule.wallet_id.is_none_or(|id| id == wallet.id)
        && rule.category_id.is_none_or(|id| Some(id) == category)
}

/// The lowest limit; `Some(None)` where all of them are without one; `None` where there is no rule.
fn strictest(rules: &[&Rule]) -> Option<Option<i64>> {
    let lowest = rules.iter().filter_map(|rule| rule.limit_minor).min();
    (!rules.is_empty()).then_some(lowest)
}

/// What the window counts so far: in this wallet's currency, from any wallet unless the rule names one.
fn paid(rule: &Rule, wallet: &Wallet, spent: &Spent, days: u32, now: Moment) -> i64 {
    let first = day_of(now) - i64::from(days) + 1;
    let counts = |bucket: &&Bucket| {
        bucket.day >= first
            && bucket.currency == wallet.currency
            && rule.wallet_id.is_none_or(|_| bucket.wallet_id == wallet.id)
            && rule.category_id.is_none_or(|id| bucket.category_id == Some(id))
    };
    spent.buckets.iter().filter(counts).fold(0_i64, |sum, bucket| sum.saturating_add(bucket.minor))
}
