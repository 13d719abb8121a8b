//! What a report and its picture say.

use super::{Language, times::ENGLISH_MONTHS};
use crate::{
    ledger::Month,
    report::{By, Months},
};

/// In the nominative: a month by itself.
const RUSSIAN: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];

/// A month by name: `November 2026`.
#[must_use]
pub fn month(language: Language, month: Month) -> String {
    let names = match language {
        Language::English => ENGLISH_MONTHS,
        Language::Russian => RUSSIAN,
    };
    let name = names.get(usize::from(month.number()).saturating_sub(1)).copied().unwrap_or_default();
    format!("{name} {}", month.year())
}

/// The heading of a report: the family, and the months.
#[must_use]
pub fn title(language: Language, family: &str, months: Months) -> String {
    let first = month(language, months.first);
    if months.first == months.last {
        return format!("{family}: {first}");
    }
    format!("{family}: {first} – {}", month(language, months.last))
}

/// What the lines are.
#[must_use]
pub fn by(language: Language, by: By) -> &'static str {
    match (language, by) {
        (Language::English, By::Month) => "Month",
        (Language::English, By::Category) => "Category",
        (Language::English, By::Member) => "Member",
        (Language::English, By::Wallet) => "Wallet",
        (Language::Russian, By::Month) => "Месяц",
        (Language::Russian, By::Category) => "Категория",
        (Language::Russian, By::Member) => "Участник",
        (Language::Russian, By::Wallet) => "Кошелёк",
    }
}

/// The sums: income, expense, moved in, moved out.
#[must_use]
pub fn sums(language: Language) -> [&'static str; 4] {
    match language {
        Language::English => ["Income", "Expenses", "Moved in", "Moved out"],
        Language::Russian => ["Доходы", "Расходы", "Переведено сюда", "Переведено отсюда"],
    }
}

/// What has no category.
#[must_use]
pub fn no_category(language: Language) -> &'static str {
    match language {
        Language::English => "No category",
        Language::Russian => "Без категории",
    }
}

/// What is folded together.
#[must_use]
pub fn other(language: Language) -> &'static str {
    match language {
        Language::English => "Other",
        Language::Russian => "Прочее",
    }
}

/// Nothing happened.
#[must_use]
pub fn nothing(language: Language) -> &'static str {
    match language {
        Language::English => "No transactions",
        Language::Russian => "Операций нет",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_names() {
        let november = Month::read("2026-11").unwrap();
        let one = Months { first: november, last: november };
        assert_eq!(title(Language::English, "Ours", one), "Ours: November 2026");
        let more = Months { last: november.plus(2), ..one };
        assert_eq!(title(Language::Russian, "Наши", more), "Наши: ноябрь 2026 – январь 2027");
    }
}
