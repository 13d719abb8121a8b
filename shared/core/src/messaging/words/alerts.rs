//! What a family is told once a month: a budget that is nearly or wholly spent; and what comes again and could not be paid.

use super::{Language, Text, escape};
use crate::budget::Level;

/// What a budget has come to.
#[derive(Clone, Copy, Debug)]
pub struct BudgetAlert<'a> {
    /// The family's name.
    pub family: &'a str,
    /// The category's name.
    pub category: &'a str,
    /// What was reached.
    pub level: Level,
    /// How much of the limit was spent, in whole per cent.
    pub percent: i64,
    /// What was spent, with its currency.
    pub spent: &'a str,
    /// The limit, with its currency.
    pub limit: &'a str,
    /// What is left, or by how much it was too much, with its currency; never negative.
    pub left: &'a str,
}

/// A budget has reached a level.
#[must_use]
pub fn budget(language: Language, alert: &BudgetAlert<'_>) -> Text {
    let (family, category) = (escape(alert.family), escape(alert.category));
    let BudgetAlert { percent, spent, limit, left, .. } = alert;
    let (spent, limit, left) = (escape(spent), escape(limit), escape(left));
    Text::html(match (language, alert.level) {
        (Language::English, Level::Near) => format!(
            "⚠️ <b>{category}</b> ({family}): {percent} % of this month's budget is spent.\n\
             {spent} of {limit}, {left} left."
        ),
        (Language::English, Level::Reached) => format!(
            "🛑 <b>{category}</b> ({family}): this month's budget is used up, {percent} %.\n\
             {spent} of {limit}, {left} over."
        ),
        (Language::Russian, Level::Near) => format!(
            "⚠️ <b>{category}</b> ({family}): израсходовано {percent} % бюджета на этот месяц.\n\
             {spent} из {limit}, осталось {left}."
        ),
        (Language::Russian, Level::Reached) => format!(
            "🛑 <b>{category}</b> ({family}): бюджет на этот месяц исчерпан, {percent} %.\n\
             {spent} из {limit}, сверх бюджета {left}."
        ),
    })
}

/// What comes again could not be paid and is paused.
#[must_use]
pub fn recurring_paused(language: Language, family: &str, what: &str, amount: &str, day: &str, reason: &str) -> Text {
    let (family, what, amount) = (escape(family), escape(what), escape(amount));
    let (day, reason) = (escape(day), escape(reason));
    Text::html(match language {
        Language::English => format!(
            "⏸ <b>{what}</b> ({family}), {amount}, due on {day}, was not entered and is paused.\nThe reason: {reason}"
        ),
        Language::Russian => format!(
            "⏸ <b>{what}</b> ({family}), {amount}, срок {day}: не проведено и приостановлено.\nПричина: {reason}"
        ),
    })
}

/// What something that comes again is called where nothing was said of it.
#[must_use]
pub fn recurring_payment(language: Language) -> &'static str {
    match language {
        Language::English => "Recurring payment",
        Language::Russian => "Регулярный платёж",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_says_how_much_and_runs_nothing() {
        for level in [Level::Near, Level::Reached] {
            let alert = BudgetAlert {
                family: "Ours & co",
                category: "<b>Food",
                level,
                percent: 84,
                spent: "84.00 EUR",
                limit: "100.00 EUR",
                left: "16.00 EUR",
            };
            for language in Language::ALL {
                let text = budget(language, &alert).text;
                for part in ["&lt;b&gt;Food", "Ours &amp; co", "84 %", "84.00 EUR", "100.00 EUR", "16.00 EUR"] {
                    assert!(text.contains(part), "{part} in {text}");
                }
            }
        }
    }

    #[test]
    fn a_pause_says_why() {
        for language in Language::ALL {
            let text =
                recurring_paused(language, "Ours", "Rent", "900.00 EUR", "2026-12-01", "Not enough <money>").text;
            assert!(text.contains("Rent") && text.contains("&lt;money&gt;") && text.contains("2026-12-01"), "{text}");
        }
    }
}
