//! What comes again by itself: a payment by schedule, each due day exactly once.

use serde::{Deserialize, Serialize};

use crate::{
    CategoryId, FamilyId, Moment, RecurringId, Refusal, UserId, WalletId,
    day::Day,
    ledger::Payment,
    money::{AmountText, Currency},
};

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Every day.
    Day,
    /// Every seventh day.
    Week,
    /// The same day of every month; its last day where it has no such day.
    Month,
}

impl Every {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Reads the wire's name.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let known = [Self::Day, Self::Week, Self::Month].into_iter().find(|every| every.as_str() == text);
        known.ok_or_else(|| Refusal::invalid("every must be day, week or month"))
    }
}

/// Why it does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub since: Moment,
    /// What went wrong; none: somebody wanted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A payment that comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// Its id.
    pub id: RecurringId,
    /// Whose.
    pub family_id: FamilyId,
    /// The wallet that it takes from; none: income.
    pub from_wallet_id: Option<WalletId>,
    /// The wallet that it goes to; none: an expense.
    pub to_wallet_id: Option<WalletId>,
    /// How much, in minor units, above zero.
    pub amount_minor: i64,
    /// In which currency: that of its wallets.
    pub currency: Currency,
    /// What for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category_id: Option<CategoryId>,
    /// What is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How often.
    pub every: Every,
    /// The first due day.
    pub starts_on: Day,
    /// No due day is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<Day>,
    /// The next due day; none: it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_on: Option<Day>,
    /// How many due days there were.
    pub runs: u32,
    /// That it does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// Who set it, or was the last to change what it pays: it runs with what they may do at that moment.
    pub made_by: UserId,
    /// When.
    pub made_at: Moment,
}

impl Recurring {
    /// The due day after so many.
    fn due_after(&self, runs: u32) -> Option<Day> {
        let day = match self.every {
            Every::Day => self.starts_on.plus(runs.into()),
            Every::Week => self.starts_on.plus(i64::from(runs) * 7),
            Every::Month => self.starts_on.plus_months(runs),
        };
        day.filter(|day| self.ends_on.is_none_or(|last| *day <= last))
    }

    /// With its next due day counted anew: the first one, or the one after those that were.
    #[must_use]
    pub fn scheduled(self) -> Self {
        Self { next_on: self.due_after(self.runs), ..self }
    }

    /// After its due day: the next one follows.
    #[must_use]
    pub fn ran(&self) -> Self {
        Self { runs: self.runs.saturating_add(1), ..self.clone() }.scheduled()
    }

    /// The day that is due now, unless it is paused or over.
    #[must_use]
    pub fn due(&self, now: Moment) -> Option<Day> {
        self.next_on.filter(|day| self.paused.is_none() && day.begins_at() <= now)
    }

    /// Running again: what was due while it was paused is left out.
    #[must_use]
    pub fn resumed(&self, now: Moment) -> Self {
        Self { paused: None, ..self.clone() }.without_past(now)
    }

    /// With another last day. Where it was over and goes on, what lies between is left out; what is due and late is not.
    #[must_use]
    pub fn until(&self, ends_on: Option<Day>, now: Moment) -> Self {
        let next = Self { ends_on, ..self.clone() }.scheduled();
        if self.next_on.is_none() { next.without_past(now) } else { next }
    }

    /// Without the due days that are past.
    fn without_past(mut self, now: Moment) -> Self {
        let today = Day::of(now);
        while self.next_on.is_some_and(|day| day < today) {
            self = self.ran();
        }
        self
    }

    /// What it pays.
    #[must_use]
    pub fn payment(&self) -> Payment {
        Payment {
            family_id: self.family_id,
            from: self.from_wallet_id,
            to: self.to_wallet_id,
            amount: AmountText::new(self.currency.format(self.amount_minor)),
            category: self.category_id,
            description: self.description.clone(),
            recurring_id: Some(self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::read("day", text).unwrap()
    }

    fn recurring(every: Every, starts_on: &str, ends_on: Option<&str>) -> Recurring {
        Recurring {
            id: RecurringId::new(1).unwrap(),
            family_id: FamilyId::new(2).unwrap(),
            from_wallet_id: WalletId::new(3),
            to_wallet_id: None,
            amount_minor: 1_050,
            currency: Currency::parse("EUR").unwrap(),
            category_id: None,
            description: None,
            every,
            starts_on: day(starts_on),
            ends_on: ends_on.map(day),
            next_on: None,
            runs: 0,
            paused: None,
            made_by: UserId::new(4).unwrap(),
            made_at: day(starts_on).begins_at(),
        }
        .scheduled()
    }

    fn days(mut recurring: Recurring, most: usize) -> Vec<String> {
        let mut days = Vec::new();
        while let Some(next) = recurring.next_on.filter(|_| days.len() < most) {
            days.push(next.to_string());
            recurring = recurring.ran();
        }
        days
    }

    #[test]
    fn due_days_follow_the_calendar() {
        let monthly = recurring(Every::Month, "2026-01-31", Some("2026-05-01"));
        assert_eq!(days(monthly, 9), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]);
        let weekly = recurring(Every::Week, "2026-12-28", None);
        assert_eq!(days(weekly, 3), ["2026-12-28", "2027-01-04", "2027-01-11"]);
        let daily = recurring(Every::Day, "2026-11-30", Some("2026-12-01"));
        assert_eq!(days(daily, 9), ["2026-11-30", "2026-12-01"]);
        assert!(days(recurring(Every::Day, "2026-11-30", Some("2026-11-29")), 9).is_empty());
    }

    #[test]
    fn it_is_due_from_its_day_on_and_not_while_it_is_paused() {
        let daily = recurring(Every::Day, "2026-11-30", None);
        let morning = day("2026-11-30").begins_at();
        assert_eq!(daily.due(morning.plus_seconds(-1)), None);
        assert_eq!(daily.due(morning), Some(day("2026-11-30")));
        let paused = Recurring { paused: Some(Pause { since: morning, reason: None }), ..daily };
        assert_eq!(paused.due(morning), None);
        let resumed = paused.resumed(day("2026-12-03").begins_at());
        assert_eq!((resumed.next_on, resumed.paused), (Some(day("2026-12-03")), None));
    }

    #[test]
    fn one_that_was_over_goes_on_without_what_lies_between() {
        let mut daily = recurring(Every::Day, "2026-11-01", Some("2026-11-02"));
        let now = day("2026-11-20").begins_at();
        assert_eq!(daily.until(None, now).next_on, Some(day("2026-11-01")), "what is late is paid");
        while daily.next_on.is_some() {
            daily = daily.ran();
        }
        assert_eq!(daily.until(None, now).next_on, Some(day("2026-11-20")));
        assert_eq!(daily.until(Some(day("2026-11-19")), now).next_on, None);
        assert_eq!(daily.until(Some(day("2026-11-20")), now).due(now), Some(day("2026-11-20")));
    }

    #[test]
    fn it_pays_what_was_set_to_the_last_unit() {
        let payment = recurring(Every::Day, "2026-11-30", None).payment();
        assert_eq!((payment.amount.as_str(), payment.recurring_id), ("10.50", RecurringId::new(1)));
    }
}
