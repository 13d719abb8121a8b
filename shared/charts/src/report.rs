//! The picture of a report: by month as columns, by others as bars. The API and the bot show the same one.

use countersign_core::{
    messaging::words::{Language, reports},
    money::Currency,
    report::{By, Months, Row},
};

use crate::{Chart, Group, Shape};

/// What a picture of a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Pictured<'a> {
    /// The family's name.
    pub family: &'a str,
    /// By what the lines are told apart.
    pub by: By,
    /// The months.
    pub months: Months,
    /// The lines; those of other currencies are left out.
    pub rows: &'a [Row],
    /// In which currency.
    pub currency: Currency,
    /// In whose words.
    pub language: Language,
}

/// The chart of a report. What was nowhere anything has no bars: expenses always do.
#[must_use]
pub fn chart(pictured: &Pictured<'_>) -> Chart {
    let Pictured { by, language, currency, .. } = *pictured;
    let rows: Vec<&Row> = pictured.rows.iter().filter(|row| row.currency == currency).collect();
    let shown: Vec<usize> = (0..SUMS).filter(|sum| is_shown(by, *sum, &rows)).collect();
    let names = reports::sums(language);
    let group =
        |row: &&Row| Group { label: label(language, row), values: shown.iter().map(|sum| value(row, *sum)).collect() };
    Chart {
        shape: if by == By::Month { Shape::Columns } else { Shape::Bars },
        title: reports::title(language, pictured.family, pictured.months),
        unit: currency.code().to_owned(),
        groups_are: reports::by(language, by).to_owned(),
        series: shown.iter().filter_map(|sum| names.get(*sum)).map(|name| (*name).to_owned()).collect(),
        groups: rows.iter().map(group).collect(),
        scale: currency.scale(),
        other: reports::other(language).to_owned(),
        nothing: reports::nothing(language).to_owned(),
    }
}

/// How many sums a line has: income, expense, moved in, moved out.
const SUMS: usize = 4;
/// The sum that is always shown.
const EXPENSE: usize = 1;

fn value(row: &Row, sum: usize) -> i64 {
    let sums = row.sums;
    [sums.income_minor, sums.expense_minor, sums.moved_in_minor, sums.moved_out_minor].get(sum).copied().unwrap_or(0)
}

/// What was moved from wallet to wallet says something about wallets alone.
fn is_shown(by: By, sum: usize, rows: &[&Row]) -> bool {
    let told = sum <= EXPENSE || by == By::Wallet;
    sum == EXPENSE || (told && rows.iter().any(|row| value(row, sum) != 0))
}

fn label(language: Language, row: &Row) -> String {
    match (row.month, &row.name) {
        (Some(month), _) => month.to_string(),
        (None, Some(name)) => name.clone(),
        (None, None) => reports::no_category(language).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use countersign_core::ledger::{Month, Sums};

    use super::*;
    use crate::{png, svg};

    fn row(name: Option<&str>, code: &str, sums: Sums) -> Row {
        let currency = Currency::parse(code).unwrap();
        Row { month: None, id: name.map(|_| 1), name: name.map(str::to_owned), currency, sums }
    }

    #[test]
    fn a_months_picture_tells_of_one_currency_in_the_readers_words() {
        let november = Month::read("2026-11").unwrap();
        let spent = Sums { expense_minor: 12_345, movements: 2, ..Sums::default() };
        let moved = Sums { moved_out_minor: 5, ..Sums::default() };
        let rows = [row(Some("Еда"), "EUR", spent), row(None, "EUR", moved), row(Some("Taxi"), "USD", spent)];
        let mut pictured = Pictured {
            family: "Наши",
            by: By::Category,
            months: Months { first: november, last: november },
            rows: &rows,
            currency: Currency::parse("EUR").unwrap(),
            language: Language::Russian,
        };
        let chart = super::chart(&pictured);
        assert_eq!((chart.title.as_str(), chart.unit.as_str()), ("Наши: ноябрь 2026", "EUR"));
        assert_eq!(chart.series, ["Расходы"]);
        assert_eq!(chart.groups.iter().map(|group| group.label.as_str()).collect::<Vec<_>>(), ["Еда", "Без категории"]);
        assert!(svg(&chart).unwrap().contains("123.45") && !png(&chart).unwrap().is_empty());
        pictured.by = By::Wallet;
        assert_eq!(super::chart(&pictured).series, ["Расходы", "Переведено отсюда"]);
    }
}
