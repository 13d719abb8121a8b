//! A day of UTC, as `2027-06-30`: what goals are due on and what comes again is counted in.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{Date, Month as MonthName, OffsetDateTime, format_description::well_known::Iso8601};

use crate::{Moment, Refusal, ledger::Month};

/// A day of UTC. Days sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day of a moment.
    #[must_use]
    pub fn of(moment: Moment) -> Self {
        Self(OffsetDateTime::from_unix_timestamp(moment.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH).date())
    }

    /// Reads `2027-06-30`; years from 1970 to 9999.
    ///
    /// # Errors
    /// 400 where it is none, naming the field.
    pub fn read(field: &'static str, text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::invalid(format!("{field} must be a day like 2027-06-30"));
        let digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date = digits.then(|| Date::parse(text, &Iso8601::DATE).ok()).flatten().ok_or_else(wrong)?;
        if date.year() >= 1970 { Ok(Self(date)) } else { Err(wrong()) }
    }

    /// When it begins.
    #[must_use]
    pub fn begins_at(self) -> Moment {
        Moment::from_seconds(self.0.midnight().assume_utc().unix_timestamp())
    }

    /// So many days later, or earlier; none beyond the calendar.
    #[must_use]
    pub fn plus(self, days: i64) -> Option<Self> {
        self.0.checked_add(time::Duration::days(days)).map(Self)
    }

    /// The same day so many months later; the month's last day where it has no such day.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Option<Self> {
        let all = i64::from(self.0.year()) * 12 + i64::from(u8::from(self.0.month())) - 1 + i64::from(months);
        let year = i32::try_from(all.div_euclid(12)).ok()?;
        let month = MonthName::try_from(u8::try_from(all.rem_euclid(12) + 1).ok()?).ok()?;
        Date::from_calendar_date(year, month, self.0.day().min(month.length(year))).ok().map(Self)
    }

    /// How many days there are from this one to another; negative where the other is earlier.
    #[must_use]
    pub fn days_to(self, other: Self) -> i64 {
        (other.0 - self.0).whole_days()
    }

    /// Its month.
    #[must_use]
    pub fn month(self) -> Month {
        Month::of(self.begins_at())
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::read("day", &text).map_err(|refusal| D::Error::custom(refusal.public))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::read("day", text).unwrap()
    }

    #[test]
    fn days_are_read_written_and_counted() {
        assert_eq!(day("2028-02-29").to_string(), "2028-02-29");
        assert_eq!(day("2026-11-26").begins_at().to_rfc3339(), "2026-11-26T00:00:00Z");
        assert_eq!(Day::of(Moment::parse_rfc3339("2026-11-26T23:59:59Z").unwrap()), day("2026-11-26"));
        assert_eq!(day("2026-12-31").plus(1), Some(day("2027-01-01")));
        assert_eq!(day("2026-11-26").days_to(day("2026-12-01")), 5);
        assert_eq!(day("2026-11-26").month(), Month::read("2026-11").unwrap());
        for bad in
            ["", "2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01T00:00:00Z", "1969-12-31", "2026-W01-1"]
        {
            assert!(Day::read("day", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_day_of_a_month_stands_for_the_days_it_does_not_have() {
        for (from, months, to) in [
            ("2026-01-31", 1, "2026-02-28"),
            ("2026-01-31", 2, "2026-03-31"),
            ("2027-11-30", 3, "2028-02-29"),
            ("2026-11-15", 14, "2028-01-15"),
        ] {
            assert_eq!(day(from).plus_months(months), Some(day(to)));
        }
        assert_eq!(day("9999-12-31").plus_months(1), None);
    }
}
