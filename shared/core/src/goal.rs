//! Goals: what a family saves for, how far it is, and when it will be there at the pace so far.

use serde::{Deserialize, Serialize};

use crate::{
    FamilyId, GoalId, Moment, Refusal, UserId,
    budget::percent,
    day::Day,
    money::{Currency, MOST_MINOR},
};

/// A pace is counted from no less than a day, in seconds: an hour says nothing about a year.
const PACE_LEAST_SECONDS: i64 = 86_400;
/// A forecast goes no further ahead than this, in days: about a hundred years.
const FORECAST_MOST_DAYS: i64 = 36_525;

/// What a family saves for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Its id.
    pub id: GoalId,
    /// Whose.
    pub family_id: FamilyId,
    /// What it is. (`name` is a reserved word of DynamoDB's.)
    #[serde(rename = "goal_name")]
    pub name: String,
    /// In which currency.
    pub currency: Currency,
    /// How much is wanted, in minor units, above zero.
    pub target_minor: i64,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Day>,
    /// How much was put aside, in minor units, at least zero.
    pub contributed_minor: i64,
    /// How often.
    pub contributions: u64,
    /// When it was set.
    pub created_at: Moment,
    /// By whom.
    pub created_by: UserId,
}

/// How far a goal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How much of the target was put aside, in whole per cent, rounded down.
    pub percent: i64,
    /// What is missing, in minor units.
    pub missing_minor: i64,
    /// When the target is reached at the pace so far; none where nothing was put aside, or it would take a hundred years.
    pub reached_on: Option<Day>,
    /// Whether that is in time; none where no day is set.
    pub on_track: Option<bool>,
    /// What is to be put aside each month from this one on to be in time, in minor units, rounded up; none where no day is
    /// set or it is over.
    pub monthly_minor: Option<i64>,
}

impl Goal {
    /// With so much more, or less.
    ///
    /// # Errors
    /// 409 where less than nothing or more than [`MOST_MINOR`] would be put aside.
    pub fn contributed(&self, delta_minor: i64) -> Result<Self, Refusal> {
        let sum = self.contributed_minor.saturating_add(delta_minor);
        if sum < 0 {
            let there = self.currency.show(self.contributed_minor);
            return Err(Refusal::conflict(format!("Only {there} were put aside for {}", self.name)));
        }
        if sum > MOST_MINOR {
            return Err(Refusal::conflict("More is put aside than can be counted"));
        }
        Ok(Self { contributed_minor: sum, contributions: self.contributions.saturating_add(1), ..self.clone() })
    }

    /// How far it is now.
    #[must_use]
    pub fn progress(&self, now: Moment) -> Progress {
        let missing_minor = self.target_minor.saturating_sub(self.contributed_minor).max(0);
        let (today, reached_on) = (Day::of(now), self.reached_on(missing_minor, now));
        Progress {
            percent: percent(self.contributed_minor, self.target_minor),
            missing_minor,
            reached_on,
            on_track: self.due_on.map(|due| missing_minor == 0 || reached_on.is_some_and(|reached| reached <= due)),
            monthly_minor: self.due_on.filter(|due| *due >= today).map(|due| {
                let months = i64::try_from(today.month().count_to(due.month())).unwrap_or(1).max(1);
                ceiling(missing_minor.into(), months.into())
            }),
        }
    }

    /// At the pace since it was set: what is missing takes as long as its share of what is there.
    fn reached_on(&self, missing_minor: i64, now: Moment) -> Option<Day> {
        let today = Day::of(now);
        if missing_minor == 0 {
            return Some(today);
        }
        if self.contributed_minor <= 0 {
            return None;
        }
        let seconds = (now.seconds() - self.created_at.seconds()).max(PACE_LEAST_SECONDS);
        let left = i128::from(missing_minor) * i128::from(seconds);
        let days = ceiling(left, i128::from(self.contributed_minor) * 86_400);
        if days > FORECAST_MOST_DAYS { None } else { today.plus(days) }
    }
}

/// A quotient of two positive numbers, rounded up.
fn ceiling(part: i128, of: i128) -> i64 {
    let of = of.max(1);
    i64::try_from((part + of - 1) / of).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;

    fn goal(target_minor: i64, contributed_minor: i64, due_on: Option<&str>) -> Goal {
        Goal {
            id: GoalId::new(1).unwrap(),
            family_id: FamilyId::new(2).unwrap(),
            name: "Bicycle".into(),
            currency: Currency::parse("EUR").unwrap(),
            target_minor,
            due_on: due_on.map(|day| Day::read("due", day).unwrap()),
            contributed_minor,
            contributions: 0,
            created_at: Moment::parse_rfc3339("2026-11-01T12:00:00Z").unwrap(),
            created_by: UserId::new(3).unwrap(),
        }
    }

    fn after(days: i64) -> Moment {
        goal(1, 0, None).created_at.plus_seconds(days * DAY)
    }

    #[test]
    fn the_pace_so_far_says_when() {
        // 250.00 in ten days: the other 750.00 take thirty.
        let progress = goal(100_000, 25_000, Some("2026-12-11")).progress(after(10));
        assert_eq!((progress.percent, progress.missing_minor), (25, 75_000));
        assert_eq!(progress.reached_on.unwrap().to_string(), "2026-12-11");
        assert_eq!(progress.on_track, Some(true));
        assert_eq!(progress.monthly_minor, Some(37_500));
        let late = goal(100_000, 25_000, Some("2026-12-10")).progress(after(10));
        assert_eq!(late.on_track, Some(false));
    }

    #[test]
    fn the_first_day_counts_as_a_whole_one() {
        let progress = goal(100_000, 50_000, None).progress(after(0));
        assert_eq!(progress.reached_on.unwrap().to_string(), "2026-11-02");
        assert_eq!((progress.on_track, progress.monthly_minor), (None, None));
    }

    #[test]
    fn nothing_put_aside_and_too_slow_a_pace_have_no_day() {
        assert_eq!(goal(100_000, 0, Some("2027-01-01")).progress(after(10)).reached_on, None);
        assert_eq!(goal(100_000, 0, Some("2027-01-01")).progress(after(10)).on_track, Some(false));
        assert_eq!(goal(MOST_MINOR, 1, None).progress(after(400)).reached_on, None);
    }

    #[test]
    fn a_reached_goal_is_on_track_even_when_its_day_is_over() {
        let progress = goal(100, 150, Some("2026-11-02")).progress(after(30));
        assert_eq!((progress.percent, progress.missing_minor, progress.on_track), (150, 0, Some(true)));
        assert_eq!(progress.monthly_minor, None);
    }

    #[test]
    fn no_more_is_taken_back_than_was_put_aside() {
        let goal = goal(100, 50, None);
        assert_eq!(goal.contributed(-50).unwrap().contributed_minor, 0);
        assert_eq!(goal.contributed(-51).unwrap_err().kind.status(), 409);
        assert_eq!(goal.contributed(MOST_MINOR).unwrap_err().kind.status(), 409);
        assert_eq!(goal.contributed(1).unwrap().contributions, 1);
    }

    proptest! {
        /// More put aside never makes the forecast later, and no amount makes it fall.
        #[test]
        fn more_is_never_later(target in 1..=MOST_MINOR, one in 1..=MOST_MINOR, other in 1..=MOST_MINOR, days in 0..20_000_i64) {
            let (less, more) = (one.min(other), one.max(other));
            let (less, more) = (goal(target, less, None).progress(after(days)), goal(target, more, None).progress(after(days)));
            prop_assert!(less.percent <= more.percent);
            if let Some(day) = less.reached_on {
                prop_assert!(more.reached_on.is_some_and(|other| other <= day));
            }
        }
    }
}
