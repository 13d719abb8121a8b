//! Reports: what came in and went out, by month, category, member or wallet, made of a bounded number of monthly totals.

mod table;
mod text;

pub use table::{Names, Row, main_currency, table};
pub use text::csv;

use crate::{Refusal, ledger::Month, limits};

/// By what a report tells sums apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By month.
    Month,
    /// By category; what has none is a line of its own.
    Category,
    /// By who entered it.
    Member,
    /// By wallet.
    Wallet,
}

impl By {
    /// The wire's name, and the name of the first column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Category => "category",
            Self::Member => "member",
            Self::Wallet => "wallet",
        }
    }

    /// Reads the wire's name.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let known =
            [Self::Month, Self::Category, Self::Member, Self::Wallet].into_iter().find(|by| by.as_str() == text);
        known.ok_or_else(|| Refusal::invalid("by must be month, category, member or wallet"))
    }
}

/// From which month to which, both told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Months {
    /// The first.
    pub first: Month,
    /// The last.
    pub last: Month,
}

impl Months {
    /// Reads `from` and `to`; the one that is not said is the other, and both are the current month where nothing is said.
    ///
    /// # Errors
    /// 400 where one is no month, the last is before the first, or they are more than [`limits::REPORT_MONTHS`].
    pub fn read(from: Option<&str>, to: Option<&str>, now: Month) -> Result<Self, Refusal> {
        let read = |text: Option<&str>| text.map(Month::read).transpose();
        let (from, to) = (read(from)?, read(to)?);
        let first = from.or(to).unwrap_or(now);
        let last = to.or(from).unwrap_or(now);
        match first.count_to(last) {
            0 => Err(Refusal::invalid("to must not be before from")),
            count if count > limits::REPORT_MONTHS => {
                Err(Refusal::invalid(format!("a report tells of at most {} months", limits::REPORT_MONTHS)))
            }
            _ => Ok(Self { first, last }),
        }
    }

    /// Each of them, in order.
    pub fn each(self) -> impl Iterator<Item = Month> {
        (0..).map(move |after| self.first.plus(after)).take(self.first.count_to(self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::read(text).unwrap()
    }

    #[test]
    fn months_are_read_and_bounded() {
        let read = |from, to| Months::read(from, to, month("2026-11"));
        assert_eq!(read(None, None).unwrap(), Months { first: month("2026-11"), last: month("2026-11") });
        assert_eq!(read(Some("2026-09"), None).unwrap().last, month("2026-09"));
        let two_years = read(Some("2025-01"), Some("2026-12")).unwrap();
        assert_eq!(two_years.each().count(), limits::REPORT_MONTHS);
        assert_eq!(two_years.each().last(), Some(month("2026-12")));
        for (from, to) in [("2024-12", "2026-12"), ("2026-12", "2026-11"), ("2026-1", "2026-11"), ("x", "2026-11")] {
            assert_eq!(read(Some(from), Some(to)).unwrap_err().kind.status(), 400, "{from} {to}");
        }
    }
}
