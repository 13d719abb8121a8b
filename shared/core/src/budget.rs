//! Budgets: how much a category may cost in a month, and who is told once when it becomes much.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{CategoryId, FamilyId, Moment, UserId, ledger::Month, money::Currency};

/// At how much of its limit a budget is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// At 80 %.
    Near,
    /// At 100 %.
    Reached,
}

impl Level {
    /// The highest first: a payment that passes both is told of once.
    const DOWN: [Self; 2] = [Self::Reached, Self::Near];

    /// How much of the limit it is, in per cent.
    #[must_use]
    pub const fn percent(self) -> i64 {
        match self {
            Self::Near => 80,
            Self::Reached => 100,
        }
    }

    /// Whether so much is at least this much of the limit.
    fn holds(self, minor: i64, limit_minor: i64) -> bool {
        i128::from(minor) * 100 >= i128::from(limit_minor) * i128::from(self.percent())
    }

    /// The highest level that so much has reached.
    #[must_use]
    pub fn of(minor: i64, limit_minor: i64) -> Option<Self> {
        Self::DOWN.into_iter().find(|level| level.holds(minor, limit_minor))
    }
}

/// The level that is to be told of: the highest that was not reached before, is now, and was not told of already.
#[must_use]
pub fn crossed(before_minor: i64, after_minor: i64, limit_minor: i64, already: Option<Level>) -> Option<Level> {
    let level = Level::of(after_minor, limit_minor)?;
    let new = !level.holds(before_minor, limit_minor) && already.is_none_or(|already| already < level);
    new.then_some(level)
}

/// Up to which level a budget was told of in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// In which month.
    #[serde(with = "month_text")]
    pub month: Month,
    /// The highest level.
    pub level: Level,
}

/// How much a category may cost each month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Whose.
    pub family_id: FamilyId,
    /// Of which category.
    pub category_id: CategoryId,
    /// In which currency: what is paid in others is not counted.
    pub currency: Currency,
    /// How much, in minor units, above zero.
    pub limit_minor: i64,
    /// When it was set.
    pub set_at: Moment,
    /// By whom.
    pub set_by: UserId,
    /// What was told of it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
}

/// A budget beside what was spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// How much was spent, in minor units; negative where more came back.
    pub spent_minor: i64,
    /// How much is left, in minor units; negative where it was too much.
    pub left_minor: i64,
    /// How much of the limit was spent, in whole per cent, rounded down; nought where more came back.
    pub percent: i64,
}

impl Budget {
    /// With what was spent in a month.
    #[must_use]
    pub fn spending(&self, spent_minor: i64) -> Spending {
        Spending {
            spent_minor,
            left_minor: self.limit_minor.saturating_sub(spent_minor),
            percent: percent(spent_minor, self.limit_minor),
        }
    }

    /// Up to which level it was told of in this month.
    #[must_use]
    pub fn told_in(&self, month: Month) -> Option<Level> {
        self.told.filter(|told| told.month == month).map(|told| told.level)
    }

    /// What a payment makes of it: the level to tell of, and the budget with the mark that it was told of.
    #[must_use]
    pub fn alert(&self, month: Month, before_minor: i64, after_minor: i64) -> Option<(Level, Self)> {
        let level = crossed(before_minor, after_minor, self.limit_minor, self.told_in(month))?;
        Some((level, Self { told: Some(Told { month, level }), ..self.clone() }))
    }

    /// The budget with a new limit. What it has reached by then is shown to whoever sets it, and not told again.
    #[must_use]
    pub fn set(self, before: Option<&Self>, month: Month, spent_minor: i64) -> Self {
        let unchanged = |before: &&Self| (before.limit_minor, before.currency) == (self.limit_minor, self.currency);
        let kept = before.filter(unchanged).and_then(|before| before.told_in(month));
        let level = kept.max(Level::of(spent_minor, self.limit_minor));
        Self { told: level.map(|level| Told { month, level }), ..self }
    }
}

/// How much of the whole a part is, in whole per cent, rounded down; nought for a negative part or no whole.
#[must_use]
pub fn percent(part_minor: i64, whole_minor: i64) -> i64 {
    if whole_minor <= 0 || part_minor <= 0 {
        return 0;
    }
    i64::try_from(i128::from(part_minor) * 100 / i128::from(whole_minor)).unwrap_or(i64::MAX)
}

/// A month in a record, as it is written.
pub(crate) mod month_text {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(month: &Month, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(month)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Month, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Month::read(&text).map_err(|refusal| D::Error::custom(refusal.public))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn budget(limit_minor: i64) -> Budget {
        Budget {
            family_id: FamilyId::new(1).unwrap(),
            category_id: CategoryId::new(2).unwrap(),
            currency: Currency::parse("EUR").unwrap(),
            limit_minor,
            set_at: Moment::from_seconds(0),
            set_by: UserId::new(3).unwrap(),
            told: None,
        }
    }

    fn month() -> Month {
        Month::read("2026-11").unwrap()
    }

    #[test]
    fn a_level_is_crossed_at_its_very_unit() {
        for (before, after, limit, already, level) in [
            (0, 7_999, 10_000, None, None),
            (7_999, 8_000, 10_000, None, Some(Level::Near)),
            (8_000, 9_999, 10_000, None, None),
            (9_999, 10_000, 10_000, Some(Level::Near), Some(Level::Reached)),
            (0, 20_000, 10_000, None, Some(Level::Reached)),
            (10_000, 20_000, 10_000, None, None),
            (0, 8_000, 10_000, Some(Level::Near), None),
            (0, 8_000, 10_000, Some(Level::Reached), None),
            (0, 10_000, 10_000, Some(Level::Near), Some(Level::Reached)),
            (9_000, 100, 10_000, Some(Level::Near), None),
            (0, 3, 4, None, None),
            (-500, 4, 4, None, Some(Level::Reached)),
            (0, i64::MAX, 1, None, Some(Level::Reached)),
        ] {
            assert_eq!(crossed(before, after, limit, already), level, "{before} → {after} of {limit}, {already:?}");
        }
    }

    #[test]
    fn what_is_left_may_be_less_than_nothing() {
        assert_eq!(budget(10_000).spending(2_550), Spending { spent_minor: 2_550, left_minor: 7_450, percent: 25 });
        assert_eq!(budget(10_000).spending(12_345), Spending { spent_minor: 12_345, left_minor: -2_345, percent: 123 });
        assert_eq!(budget(10_000).spending(-5), Spending { spent_minor: -5, left_minor: 10_005, percent: 0 });
    }

    #[test]
    fn a_new_month_is_told_of_again() {
        let (level, told) = budget(100).alert(month(), 0, 85).unwrap();
        assert_eq!(level, Level::Near);
        assert_eq!(told.alert(month(), 0, 85), None);
        assert_eq!(told.alert(month().plus(1), 0, 85).map(|(level, _)| level), Some(Level::Near));
        assert_eq!(
            serde_json::to_value(&told).unwrap()["told"],
            serde_json::json!({"month": "2026-11", "level": "near"})
        );
        assert_eq!(serde_json::from_value::<Budget>(serde_json::to_value(&told).unwrap()).unwrap(), told);
    }

    #[test]
    fn what_a_new_limit_has_reached_already_is_not_told_again() {
        let (_, told) = budget(100).alert(month(), 0, 85).unwrap();
        assert_eq!(budget(100).set(Some(&told), month(), 10).told_in(month()), Some(Level::Near));
        assert_eq!(budget(200).set(Some(&told), month(), 85).told, None);
        assert_eq!(budget(80).set(Some(&told), month(), 85).told_in(month()), Some(Level::Reached));
        assert_eq!(budget(100).set(None, month(), 85).told_in(month()), Some(Level::Near));
    }

    proptest! {
        /// However payments and reversals follow each other, each level is told of at most once, and always when it is passed.
        #[test]
        fn each_level_is_told_of_once(limit in 1..1_000_000_i64, steps in prop::collection::vec(-300_000..600_000_i64, 1..60)) {
            let (mut budget, mut spent, mut told) = (budget(limit), 0, Vec::new());
            for step in steps {
                let after = spent + step;
                if let Some((level, next)) = budget.alert(month(), spent, after) {
                    told.push(level);
                    budget = next;
                }
                spent = after;
                if let Some(level) = Level::of(spent, limit) {
                    prop_assert!(budget.told_in(month()).is_some_and(|told| told >= level), "{level:?} was not told of");
                }
            }
            prop_assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "{told:?}");
        }
    }
}
