//! What a family plans, as `/budget` and `/goals` say it, and what stands below the picture of `/report`.

use super::{Language, Text, date, escape, fitting::fitting, reports};
use crate::{
    Moment,
    budget::{Budget, Level},
    family::Family,
    goal::Goal,
    ledger::Month,
    report::{Months, Row},
};

/// Below a report's picture: what came in and what went out, a line for each currency.
#[must_use]
pub fn report(language: Language, family: &str, month: Month, whole: &[Row]) -> Text {
    let title = escape(&reports::title(language, family, Months { first: month, last: month }));
    let [income, expense, ..] = reports::sums(language);
    let lines = whole.iter().map(|row| {
        let (came, went) = (row.currency.show(row.sums.income_minor), row.currency.show(row.sums.expense_minor));
        format!("{income}: {came}\n{expense}: {went}")
    });
    let lines: Vec<String> = lines.collect();
    let said = if lines.is_empty() { reports::nothing(language).to_owned() } else { lines.join("\n") };
    Text::html(format!("<b>{title}</b>\n{said}"))
}

/// How a month is named to `/report`.
#[must_use]
pub fn which_month(language: Language, now: Month) -> Text {
    Text::plain(match language {
        Language::English => format!("Name a month like {now}, or none for this one: /report {now}"),
        Language::Russian => format!("Назовите месяц, например {now}, или никакой для текущего: /report {now}"),
    })
}

/// The budgets of each family: what was spent of each this month, and what is left.
#[must_use]
pub fn budgets(language: Language, month: Month, families: &[(Family, Vec<(Budget, i64)>)]) -> Text {
    let heading = match language {
        Language::English => format!("Budgets, {}", reports::month(language, month)),
        Language::Russian => format!("Бюджеты, {}", reports::month(language, month)),
    };
    let mut lines = Vec::new();
    for (family, budgets) in families {
        lines.push(format!("\n<b>{}</b>", escape(&family.name)));
        lines.extend(budgets.iter().map(|(budget, spent)| budget_line(language, family, budget, *spent)));
        if budgets.is_empty() {
            lines.push(no_budgets(language).to_owned());
        }
    }
    Text::html(fitting(&heading, lines))
}

const fn no_budgets(language: Language) -> &'static str {
    match language {
        Language::English => "No budgets yet: set them in the app.",
        Language::Russian => "Бюджетов пока нет: задайте их в приложении.",
    }
}

fn budget_line(language: Language, family: &Family, budget: &Budget, spent_minor: i64) -> String {
    let (spending, currency) = (budget.spending(spent_minor), budget.currency);
    let name = family.category(budget.category_id).map_or("?", |category| category.name.as_str());
    let sign = match Level::of(spent_minor, budget.limit_minor) {
        None => "",
        Some(Level::Near) => "⚠️ ",
        Some(Level::Reached) => "🛑 ",
    };
    let (name, limit, percent) = (escape(name), currency.show(budget.limit_minor), spending.percent);
    let spent = currency.format(spending.spent_minor);
    let rest = currency.show(spending.left_minor.saturating_abs());
    match (language, spending.left_minor < 0) {
        (Language::English, false) => format!("{sign}{name}: {spent} of {limit}, {percent} %, {rest} left"),
        (Language::English, true) => format!("{sign}{name}: {spent} of {limit}, {percent} %, {rest} over"),
        (Language::Russian, false) => format!("{sign}{name}: {spent} из {limit}, {percent} %, осталось {rest}"),
        (Language::Russian, true) => format!("{sign}{name}: {spent} из {limit}, {percent} %, сверх бюджета {rest}"),
    }
}

/// The goals of each family: how far each is, and when it will be there.
#[must_use]
pub fn goals(language: Language, families: &[(Family, Vec<Goal>)], now: Moment) -> Text {
    let mut lines = Vec::new();
    for (family, goals) in families {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("<b>{}</b>", escape(&family.name)));
        lines.extend(goals.iter().map(|goal| goal_line(language, goal, now)));
        if goals.is_empty() {
            lines.push(no_goals(language).to_owned());
        }
    }
    Text::html(fitting("", lines))
}

const fn no_goals(language: Language) -> &'static str {
    match language {
        Language::English => "No goals yet: set them in the app.",
        Language::Russian => "Целей пока нет: задайте их в приложении.",
    }
}

fn goal_line(language: Language, goal: &Goal, now: Moment) -> String {
    let (progress, currency) = (goal.progress(now), goal.currency);
    let (name, target, percent) = (escape(&goal.name), currency.show(goal.target_minor), progress.percent);
    let there = currency.format(goal.contributed_minor);
    let first = match language {
        Language::English => format!("{name}: {there} of {target}, {percent} %"),
        Language::Russian => format!("{name}: {there} из {target}, {percent} %"),
    };
    if progress.missing_minor == 0 {
        return format!("🎉 {first}");
    }
    let day = |day: crate::day::Day| date(language, day.begins_at());
    let parts = [
        Some(first),
        goal.due_on.map(day).map(|due| match language {
            Language::English => format!("due on {due}"),
            Language::Russian => format!("срок: {due}"),
        }),
        progress.reached_on.map(day).map(|reached| match language {
            Language::English => format!("at this pace on {reached}"),
            Language::Russian => format!("такими темпами: {reached}"),
        }),
        progress.monthly_minor.map(|minor| currency.show(minor)).map(|monthly| match language {
            Language::English => format!("{monthly} a month to be in time"),
            Language::Russian => format!("чтобы успеть, {monthly} в месяц"),
        }),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CategoryId, FamilyId, GoalId, UserId, day::Day, family::Category, ledger::Sums, money::Currency};

    fn family() -> Family {
        let id = CategoryId::new(5).unwrap();
        Family {
            id: FamilyId::new(1).unwrap(),
            name: "Ours & <co>".into(),
            currency: Currency::parse("EUR").unwrap(),
            threshold_minor: None,
            rules: Vec::new(),
            members: Vec::new(),
            categories: vec![Category { id, name: "<Food>".into(), archived: false }],
            created_at: Moment::from_seconds(0),
            closed_at: None,
        }
    }

    fn budget() -> Budget {
        Budget {
            family_id: FamilyId::new(1).unwrap(),
            category_id: CategoryId::new(5).unwrap(),
            currency: Currency::parse("EUR").unwrap(),
            limit_minor: 10_000,
            told: None,
            set_at: Moment::from_seconds(0),
            set_by: UserId::new(3).unwrap(),
        }
    }

    #[test]
    fn a_budget_says_what_is_left_or_by_how_much_it_was_too_much() {
        let month = Month::read("2026-11").unwrap();
        let said = |language, spent| budgets(language, month, &[(family(), vec![(budget(), spent)])]).text;
        assert_eq!(
            said(Language::English, 8_400),
            "Budgets, November 2026\n\n<b>Ours &amp; &lt;co&gt;</b>\n⚠️ &lt;Food&gt;: 84.00 of 100.00 EUR, 84 %, 16.00 EUR left"
        );
        assert!(
            said(Language::English, 12_000).contains("🛑 &lt;Food&gt;: 120.00 of 100.00 EUR, 120 %, 20.00 EUR over")
        );
        assert!(said(Language::Russian, 100).ends_with("1.00 из 100.00 EUR, 1 %, осталось 99.00 EUR"));
        assert!(budgets(Language::English, month, &[(family(), vec![])]).text.ends_with("set them in the app."));
    }

    #[test]
    fn a_goal_says_how_far_it_is_and_when_it_will_be_there() {
        let at = |text| Moment::parse_rfc3339(text).unwrap();
        let goal = Goal {
            id: GoalId::new(1).unwrap(),
            family_id: FamilyId::new(1).unwrap(),
            name: "Bicycle".into(),
            currency: Currency::parse("EUR").unwrap(),
            target_minor: 100_000,
            due_on: Some(Day::read("due_on", "2027-01-31").unwrap()),
            contributed_minor: 50_000,
            contributions: 1,
            created_at: at("2026-11-01T12:00:00Z"),
            created_by: UserId::new(3).unwrap(),
        };
        let now = at("2026-11-11T12:00:00Z");
        let said = |goal: &Goal, language| goals(language, &[(family(), vec![goal.clone()])], now).text;
        let english = said(&goal, Language::English);
        assert!(
            english.contains(
                "Bicycle: 500.00 of 1000.00 EUR, 50 %; due on 31 January 2027; at this pace on 21 November 2026; "
            ),
            "{english}"
        );
        assert!(said(&goal, Language::Russian).contains("срок: 31 января 2027 г."));
        let there = Goal { contributed_minor: 100_000, ..goal };
        assert!(said(&there, Language::English).ends_with("🎉 Bicycle: 1000.00 of 1000.00 EUR, 100 %"));
    }

    #[test]
    fn a_report_says_the_sums_in_words_too() {
        let month = Month::read("2026-11").unwrap();
        assert_eq!(
            report(Language::English, "<A>", month, &[]).text,
            "<b>&lt;A&gt;: November 2026</b>\nNo transactions"
        );
        let sums = Sums { income_minor: 100, expense_minor: 2_050, ..Sums::default() };
        let row = Row { month: None, id: None, name: None, currency: family().currency, sums };
        assert!(report(Language::Russian, "A", month, &[row]).text.ends_with("Доходы: 1.00 EUR\nРасходы: 20.50 EUR"));
    }
}
