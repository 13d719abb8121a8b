//! Calendar months and RFC 3339, for consents that end by date.

use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};

/// The same time of day this many months later; where the month has no such day, on its last.
pub(super) fn add_months(unix_seconds: u64, months: u16) -> u64 {
    let later = || {
        let start = moment(unix_seconds)?;
        let (mut year, mut month) = (start.year(), start.month());
        for _ in 0..months {
            month = month.next();
            year += i32::from(month == time::Month::January);
        }
        let day = start.day().min(month.length(year));
        let date = Date::from_calendar_date(year, month, day).ok()?;
        u64::try_from(start.replace_date(date).unix_timestamp()).ok()
    };
    later().unwrap_or(u64::MAX)
}

/// RFC 3339 UTC; empty for what no calendar has.
pub(super) fn rfc3339(unix_seconds: u64) -> String {
    moment(unix_seconds).and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}

fn moment(unix_seconds: u64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(unix_seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(from: &str, months: u16) -> String {
        let from = OffsetDateTime::parse(from, &Rfc3339).unwrap().unix_timestamp();
        rfc3339(add_months(u64::try_from(from).unwrap(), months))
    }

    #[test]
    fn counts_months_as_a_calendar_does() {
        assert_eq!(later("2026-11-20T06:15:00Z", 6), "2027-05-20T06:15:00Z");
        assert_eq!(later("2026-08-31T23:59:59Z", 6), "2027-02-28T23:59:59Z");
        assert_eq!(later("2027-08-31T00:00:00Z", 6), "2028-02-29T00:00:00Z");
        assert_eq!(later("2026-06-30T00:00:00Z", 6), "2026-12-30T00:00:00Z");
        assert_eq!(later("2026-07-01T00:00:00Z", 18), "2028-01-01T00:00:00Z");
        assert_eq!(add_months(u64::MAX, 1), u64::MAX);
    }
}
