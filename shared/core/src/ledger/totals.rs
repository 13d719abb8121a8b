//! A month's totals: added to in the transaction that moves the money, so that a report reads a bounded number of items.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::movement::{Kind, Movement};
use crate::{CategoryId, Moment, Refusal, UserId, WalletId, money::Currency};

/// A month of UTC, as `2026-11`. They sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u8,
}

impl Month {
    /// The month of a moment.
    #[must_use]
    pub fn of(moment: Moment) -> Self {
        let at = OffsetDateTime::from_unix_timestamp(moment.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self { year: at.year(), month: u8::from(at.month()) }
    }

    /// Reads `2026-11`; years from 1970 to 9999.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::invalid("a month must be written like 2026-11");
        let (year, month) =
            text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2).ok_or_else(wrong)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let (year, month) = (year.parse::<i32>().map_err(|_| wrong())?, month.parse::<u8>().map_err(|_| wrong())?);
        if digits && year >= 1970 && (1..=12).contains(&month) { Ok(Self { year, month }) } else { Err(wrong()) }
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month of the year, from 1.
    #[must_use]
    pub fn number(self) -> u8 {
        self.month
    }

    /// So many months later, or earlier.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let all = self.year * 12 + i32::from(self.month) - 1 + months;
        Self { year: all.div_euclid(12), month: u8::try_from(all.rem_euclid(12) + 1).unwrap_or(1) }
    }

    /// How many months there are from this one to another, both counted; zero where the other is earlier.
    #[must_use]
    pub fn count_to(self, last: Self) -> usize {
        let between = (last.year - self.year) * 12 + i32::from(last.month) - i32::from(self.month) + 1;
        usize::try_from(between).unwrap_or(0)
    }

    /// When it begins.
    #[must_use]
    pub fn begins_at(self) -> Moment {
        Moment::parse_rfc3339(&format!("{self}-01T00:00:00Z")).unwrap_or(Moment::from_seconds(0))
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// What a total is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The whole family.
    Family,
    /// A category.
    Category(CategoryId),
    /// What a member entered.
    Member(UserId),
    /// A wallet.
    Wallet(WalletId),
}

/// What was moved, in minor units. A reversal takes away what it reverses, in the month of the reversal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// From outside.
    pub income_minor: i64,
    /// To outside.
    pub expense_minor: i64,
    /// From other wallets.
    pub moved_in_minor: i64,
    /// To other wallets.
    pub moved_out_minor: i64,
    /// How many transactions, reversals too.
    pub movements: i64,
}

impl Sums {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            income_minor: self.income_minor.saturating_add(other.income_minor),
            expense_minor: self.expense_minor.saturating_add(other.expense_minor),
            moved_in_minor: self.moved_in_minor.saturating_add(other.moved_in_minor),
            moved_out_minor: self.moved_out_minor.saturating_add(other.moved_out_minor),
            movements: self.movements.saturating_add(other.movements),
        }
    }
}

/// What a transaction adds to one total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalChange {
    /// Of what.
    pub dimension: Dimension,
    /// In which month.
    pub month: Month,
    /// In which currency: they are never mixed.
    pub currency: Currency,
    /// How much.
    pub added: Sums,
}

/// A total as it is read.
pub type Totals = TotalChange;

/// What an executed transaction adds to the totals. An opening balance is no income: it adds nothing.
pub(super) fn of(movement: &Movement, at: Moment) -> Vec<TotalChange> {
    if movement.kind == Kind::Opening {
        return Vec::new();
    }
    let (month, currency) = (Month::of(at), movement.currency);
    let change = |dimension, added| TotalChange { dimension, month, currency, added };
    let (whole, member) = (whole(movement), movement.counts_for.unwrap_or(movement.made_by));
    let mut changes = vec![change(Dimension::Family, whole), change(Dimension::Member(member), whole)];
    changes.extend(movement.category_id.map(|id| change(Dimension::Category(id), whole)));
    changes.extend(movement.from_wallet_id.map(|id| change(Dimension::Wallet(id), side(movement, true))));
    changes.extend(movement.to_wallet_id.map(|id| change(Dimension::Wallet(id), side(movement, false))));
    changes
}

/// A reversal has its sides the other way round: what goes back into a wallet from outside is an expense less.
fn whole(movement: &Movement) -> Sums {
    let amount = movement.amount_minor;
    let reversed = movement.kind == Kind::Reversal;
    let mut sums = Sums { movements: 1, ..Sums::default() };
    match (movement.from_wallet_id, movement.to_wallet_id, reversed) {
        (None, _, false) => sums.income_minor = amount,
        (_, None, false) => sums.expense_minor = amount,
        (None, _, true) => sums.expense_minor = -amount,
        (_, None, true) => sums.income_minor = -amount,
        (Some(_), Some(_), false) => (sums.moved_in_minor, sums.moved_out_minor) = (amount, amount),
        (Some(_), Some(_), true) => (sums.moved_in_minor, sums.moved_out_minor) = (-amount, -amount),
    }
    sums
}

/// The same for the wallet that is taken from, or the one that is given to.
fn side(movement: &Movement, takes: bool) -> Sums {
    let whole = whole(movement);
    if movement.from_wallet_id.is_none() || movement.to_wallet_id.is_none() {
        return whole;
    }
    // Of a reversed transfer the wallet that gives back was given to.
    let gave = takes == (movement.kind != Kind::Reversal);
    if gave { Sums { moved_in_minor: 0, ..whole } } else { Sums { moved_out_minor: 0, ..whole } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_counted_and_sorted() {
        let november = Month::read("2026-11").unwrap();
        assert_eq!(
            (november.plus(2).to_string(), november.plus(-11).to_string()),
            ("2027-01".into(), "2025-12".into())
        );
        assert_eq!(november.count_to(november.plus(3)), 4);
        assert_eq!(november.count_to(november.plus(-1)), 0);
        assert_eq!(Month::of(Moment::parse_rfc3339("2026-11-30T23:59:59Z").unwrap()), november);
        assert_eq!(november.begins_at().to_rfc3339(), "2026-11-01T00:00:00Z");
        for bad in ["", "2026", "2026-13", "2026-00", "26-11", "2026-1", "+026-11", "1969-01", "2026-11-01"] {
            assert!(Month::read(bad).is_err(), "{bad}");
        }
    }
}
