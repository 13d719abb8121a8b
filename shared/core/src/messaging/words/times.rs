//! Times and lengths of time as people read them.

use time::OffsetDateTime;

use super::{Forms, Language, counted};
use crate::Moment;

pub(super) const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// In the genitive, as behind a day.
const RUSSIAN_MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

const DAYS: Forms = Forms { english: ["day", "days"], russian: ["день", "дня", "дней"] };
const HOURS: Forms = Forms { english: ["hour", "hours"], russian: ["час", "часа", "часов"] };
const MINUTES: Forms =
    Forms { english: ["minute", "minutes"], russian: ["минута", "минуты", "минут"] };
const SECONDS: Forms =
    Forms { english: ["second", "seconds"], russian: ["секунда", "секунды", "секунд"] };

/// Day, month, year, hour and minute in UTC: nothing else is known of where a person is.
#[must_use]
pub fn date_time(language: Language, moment: Moment) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(moment.seconds()) else { return moment.to_rfc3339() };
    format!("{}, {:02}:{:02} UTC", date(language, moment), at.hour(), at.minute())
}

/// Day, month and year in UTC.
#[must_use]
pub fn date(language: Language, moment: Moment) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(moment.seconds()) else { return moment.to_rfc3339() };
    let months = match language {
        Language::English => ENGLISH_MONTHS,
        Language::Russian => RUSSIAN_MONTHS,
    };
    let month = months.get(usize::from(u8::from(at.month())) - 1).copied().unwrap_or_default();
    let (day, year) = (at.day(), at.year());
    match language {
        Language::English => format!("{day} {month} {year}"),
        Language::Russian => format!("{day} {month} {year} г."),
    }
}

/// A length of time in its two largest units, in the nominative: `2 days 3 hours`. Less than a second is `0 seconds`.
#[must_use]
pub fn duration(language: Language, seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let units = [(86_400, DAYS), (3_600, HOURS), (60, MINUTES), (1, SECONDS)];
    let first = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(units.len() - 1);
    let (mut left, mut parts) = (seconds, Vec::with_capacity(2));
    for (unit, forms) in units.iter().skip(first).take(2) {
        let count = left / unit;
        left %= unit;
        if count > 0 || parts.is_empty() {
            parts.push(counted(language, count, forms));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_its_readers_write_it() {
        let moment = Moment::parse_rfc3339("2026-11-21T05:10:59.9Z").unwrap();
        assert_eq!(date_time(Language::English, moment), "21 November 2026, 05:10 UTC");
        assert_eq!(date_time(Language::Russian, moment), "21 ноября 2026 г., 05:10 UTC");
    }

    #[test]
    fn a_length_of_time_has_at_most_two_units() {
        let said = |language, seconds| duration(language, seconds).replace('\u{a0}', " ");
        for (seconds, english, russian) in [
            (0, "0 seconds", "0 секунд"),
            (-5, "0 seconds", "0 секунд"),
            (1, "1 second", "1 секунда"),
            (600, "10 minutes", "10 минут"),
            (3_661, "1 hour 1 minute", "1 час 1 минута"),
            (86_400, "1 day", "1 день"),
            (2 * 86_400 + 3 * 3_600 + 59, "2 days 3 hours", "2 дня 3 часа"),
            (86_400 + 60, "1 day", "1 день"),
        ] {
            assert_eq!(said(Language::English, seconds), english);
            assert_eq!(said(Language::Russian, seconds), russian);
        }
    }
}
