//! The lines of a report. Every currency has its own: they are never added up together.

use std::collections::BTreeMap;

use super::{By, Months};
use crate::{
    UserId, WalletId,
    family::Family,
    ledger::{Dimension, Month, Sums, Totals, Wallet},
    money::Currency,
};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The month, where the report is by month.
    pub month: Option<Month>,
    /// The id of the category, member or wallet; none in a report by month, and for what has no category.
    pub id: Option<u64>,
    /// Its name; none for what has no category.
    pub name: Option<String>,
    /// In which currency.
    pub currency: Currency,
    /// How much.
    pub sums: Sums,
}

/// The currency of a picture where none is named: the family's own, unless there is nothing in it but in another.
#[must_use]
pub fn main_currency(family: &Family, rows: &[Row]) -> Currency {
    let moved = |row: &&Row| row.sums != Sums::default();
    let in_own = rows.iter().filter(moved).any(|row| row.currency == family.currency);
    let other = rows.iter().find(moved).map(|row| row.currency).filter(|_| !in_own);
    other.unwrap_or(family.currency)
}

impl Row {
    /// What is left of the income, in minor units; negative where more went out.
    #[must_use]
    pub fn net_minor(&self) -> i64 {
        self.sums.income_minor.saturating_sub(self.sums.expense_minor)
    }
}

/// What things are called.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The family, with its people and categories.
    pub family: &'a Family,
    /// Its wallets; needed by a report by wallet alone.
    pub wallets: &'a [Wallet],
}

impl Names<'_> {
    fn category(&self, id: crate::CategoryId) -> String {
        self.family.category(id).map_or_else(|| id.to_string(), |category| category.name.clone())
    }

    /// One who left has no name any more.
    fn member(&self, id: UserId) -> String {
        self.family.name_of(id).map_or_else(|| id.to_string(), str::to_owned)
    }

    fn wallet(&self, id: WalletId) -> String {
        self.wallets.iter().find(|wallet| wallet.id == id).map_or_else(|| id.to_string(), |wallet| wallet.name.clone())
    }
}

/// What a line is of, in the order of the lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    currency: String,
    month: Option<Month>,
    id: Option<u64>,
}

/// The lines while they are added up.
#[derive(Default)]
struct Lines(BTreeMap<Line, (Currency, Sums)>);

impl Lines {
    fn add(&mut self, currency: Currency, month: Option<Month>, id: Option<u64>, sums: Sums) {
        let line = Line { currency: currency.code().to_owned(), month, id };
        let (_, sum) = self.0.entry(line).or_insert((currency, Sums::default()));
        *sum = sum.plus(sums);
    }

    fn total(&mut self, by: By, total: &Totals) {
        let Totals { currency, month, added, .. } = *total;
        match (by, total.dimension) {
            (By::Month, Dimension::Family) => self.add(currency, Some(month), None, added),
            // Whatever has no category is left of the whole when all categories are taken away.
            (By::Category, Dimension::Family) => self.add(currency, None, None, added),
            (By::Category, Dimension::Category(id)) => {
                self.add(currency, None, Some(id.get()), added);
                self.add(currency, None, None, negated(added));
            }
            (By::Member, Dimension::Member(id)) => self.add(currency, None, Some(id.get()), added),
            (By::Wallet, Dimension::Wallet(id)) => self.add(currency, None, Some(id.get()), added),
            _ => {}
        }
    }

    fn rows(self, by: By, names: &Names<'_>) -> Vec<Row> {
        let says = |(line, (_, sums)): &(Line, (Currency, Sums))| line.month.is_some() || *sums != Sums::default();
        let row = |(line, (currency, sums)): (Line, (Currency, Sums))| {
            let Line { month, id, .. } = line;
            Row { month, name: name(by, id, names), id, currency, sums }
        };
        self.0.into_iter().filter(says).map(row).collect()
    }
}

/// Adds the totals up. By month, every month has a line in each currency that occurs, and in the family's own; by others, what
/// was most paid for comes first.
#[must_use]
pub fn table(by: By, months: Months, totals: &[Totals], names: &Names<'_>) -> Vec<Row> {
    let mut lines = Lines::default();
    if by == By::Month {
        let own = std::iter::once(names.family.currency);
        for currency in own.chain(totals.iter().map(|total| total.currency)) {
            months.each().for_each(|month| lines.add(currency, Some(month), None, Sums::default()));
        }
    }
    for total in totals.iter().filter(|total| (months.first..=months.last).contains(&total.month)) {
        lines.total(by, total);
    }
    let mut rows = lines.rows(by, names);
    let currency = |row: &Row| (row.currency != names.family.currency, row.currency.code().to_owned());
    let paid = |row: &Row| (-row.sums.expense_minor, -row.sums.income_minor);
    match by {
        By::Month => rows.sort_by_cached_key(|row| (currency(row), row.month)),
        _ => rows.sort_by_cached_key(|row| (currency(row), paid(row), row.id)),
    }
    rows
}

fn negated(sums: Sums) -> Sums {
    Sums {
        income_minor: sums.income_minor.saturating_neg(),
        expense_minor: sums.expense_minor.saturating_neg(),
        moved_in_minor: sums.moved_in_minor.saturating_neg(),
        moved_out_minor: sums.moved_out_minor.saturating_neg(),
        movements: sums.movements.saturating_neg(),
    }
}

fn name(by: By, id: Option<u64>, names: &Names<'_>) -> Option<String> {
    let id = id?;
    match by {
        By::Month => None,
        By::Category => crate::CategoryId::new(id).map(|id| names.category(id)),
        By::Member => UserId::new(id).map(|id| names.member(id)),
        By::Wallet => WalletId::new(id).map(|id| names.wallet(id)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        CategoryId, FamilyId, Moment,
        family::{Category, FamilyRole, Member},
        report::csv,
    };

    fn month(text: &str) -> Month {
        Month::read(text).unwrap()
    }

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn family() -> Family {
        let category =
            |id, name: &str| Category { id: CategoryId::new(id).unwrap(), name: name.into(), archived: false };
        let (at, user_id) = (Moment::from_seconds(0), UserId::new(7).unwrap());
        Family {
            id: FamilyId::new(1).unwrap(),
            name: "Ours".into(),
            currency: currency("EUR"),
            threshold_minor: None,
            rules: Vec::new(),
            members: vec![Member { user_id, role: FamilyRole::Owner, name: "Anna".into(), joined_at: at }],
            categories: vec![category(11, "Food"), category(12, "=cmd|calc"), category(13, "Rent")],
            created_at: at,
            closed_at: None,
        }
    }

    fn paid(dimension: Dimension, at: &str, code: &str, income_minor: i64, expense_minor: i64) -> Totals {
        let added = Sums { income_minor, expense_minor, movements: 1, ..Sums::default() };
        Totals { dimension, month: month(at), currency: currency(code), added }
    }

    fn category(id: u64) -> Dimension {
        Dimension::Category(CategoryId::new(id).unwrap())
    }

    fn months(first: &str, last: &str) -> Months {
        Months { first: month(first), last: month(last) }
    }

    fn told(by: By, months: Months, totals: &[Totals]) -> Vec<(String, String, i64, i64)> {
        let family = family();
        let rows = table(by, months, totals, &Names { family: &family, wallets: &[] });
        let name =
            |row: &Row| row.month.map(|month| month.to_string()).or_else(|| row.name.clone()).unwrap_or_default();
        let sums = |row: &Row| (row.sums.income_minor, row.sums.expense_minor);
        rows.iter().map(|row| (name(row), row.currency.to_string(), sums(row).0, sums(row).1)).collect()
    }

    #[test]
    fn every_month_has_a_line_even_where_nothing_happened() {
        let totals = [paid(Dimension::Family, "2026-10", "EUR", 5, 7), paid(Dimension::Family, "2026-12", "EUR", 9, 9)];
        let rows = told(By::Month, months("2026-09", "2026-11"), &totals);
        let line = |month: &str, income, expense| (month.to_owned(), "EUR".to_owned(), income, expense);
        assert_eq!(rows, [line("2026-09", 0, 0), line("2026-10", 5, 7), line("2026-11", 0, 0)]);
    }

    #[test]
    fn what_has_no_category_is_told_and_currencies_are_not_mixed() {
        let totals = [
            paid(Dimension::Family, "2026-10", "EUR", 100, 70),
            paid(category(11), "2026-10", "EUR", 0, 40),
            paid(category(13), "2026-10", "EUR", 0, 25),
            paid(category(11), "2026-11", "USD", 0, 3),
            paid(Dimension::Family, "2026-11", "USD", 0, 3),
        ];
        let line =
            |name: &str, currency: &str, income, expense| (name.to_owned(), currency.to_owned(), income, expense);
        assert_eq!(
            told(By::Category, months("2026-10", "2026-11"), &totals),
            [
                line("Food", "EUR", 0, 40),
                line("Rent", "EUR", 0, 25),
                line("", "EUR", 100, 5),
                line("Food", "USD", 0, 3)
            ]
        );
    }

    #[test]
    fn one_who_left_is_told_of_by_number() {
        let member = |id| Dimension::Member(UserId::new(id).unwrap());
        let totals = [paid(member(7), "2026-10", "EUR", 0, 1), paid(member(8), "2026-10", "EUR", 0, 2)];
        let rows = told(By::Member, months("2026-10", "2026-10"), &totals);
        assert_eq!(rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["8", "Anna"]);
    }

    #[test]
    fn a_report_opens_in_a_spreadsheet() {
        let family = family();
        let names = Names { family: &family, wallets: &[] };
        let totals = [paid(Dimension::Family, "2026-10", "EUR", 0, 450), paid(category(12), "2026-10", "EUR", 0, 450)];
        let text = |by| csv(by, &table(by, months("2026-10", "2026-10"), &totals, &names)).unwrap();
        assert_eq!(
            text(By::Category),
            "id,category,currency,income,expense,net,moved_in,moved_out,transactions\r\n\
             12,'=cmd|calc,EUR,0.00,4.50,-4.50,0.00,0.00,1\r\n"
        );
        assert_eq!(
            text(By::Month),
            "month,currency,income,expense,net,moved_in,moved_out,transactions\r\n\
             2026-10,EUR,0.00,4.50,-4.50,0.00,0.00,1\r\n"
        );
    }

    proptest! {
        /// The lines by category add up to those by month, whatever was paid.
        #[test]
        fn categories_add_up_to_the_whole(payments in prop::collection::vec((0..4_u64, -1_000_000..1_000_000_i64), 0..50)) {
            let mut totals = Vec::new();
            for (id, minor) in payments {
                totals.push(paid(Dimension::Family, "2026-10", "EUR", 0, minor));
                if id > 0 {
                    totals.push(paid(category(10 + id), "2026-10", "EUR", 0, minor));
                }
            }
            let sum = |by| told(by, months("2026-10", "2026-10"), &totals).iter().map(|row| row.3).sum::<i64>();
            prop_assert_eq!(sum(By::Category), sum(By::Month));
        }
    }
}
