//! A family's transaction that people are asked to approve. All of it plain.

use super::{Language, date_time};
use crate::{Moment, approval::AskedMovement};

/// The question, and below it what is to be known, a line each.
#[must_use]
pub fn asked(language: Language, name: &str, asked: &AskedMovement) -> (String, String) {
    let lines = [
        asked.from.as_ref().map(|from| labelled(language, ["From", "Откуда"], from)),
        asked.to.as_ref().map(|to| labelled(language, ["To", "Куда"], to)),
        asked.category.as_ref().map(|category| labelled(language, ["Category", "Категория"], category)),
        asked.description.as_ref().map(|text| labelled(language, ["Note", "Примечание"], text)),
        asked
            .reversal
            .as_ref()
            .filter(|reason| !reason.is_empty())
            .map(|reason| labelled(language, ["Reason", "Причина"], reason)),
        asked.left_after.as_ref().map(|left| labelled(language, ["Left after it", "Останется"], left)),
        Some(labelled(language, ["Family", "Семья"], &asked.family)),
    ];
    (question(language, name, asked), lines.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn question(language: Language, name: &str, asked: &AskedMovement) -> String {
    let amount = &asked.amount;
    let verb = match (asked.reversal.is_some(), &asked.from, &asked.to, language) {
        (true, _, _, Language::English) => "wants to reverse a transaction of",
        (true, _, _, Language::Russian) => "хочет отменить операцию на",
        (false, Some(_), Some(_), Language::English) => "wants to move",
        (false, Some(_), Some(_), Language::Russian) => "хочет перевести",
        (false, .., Language::English) => "wants to pay",
        (false, .., Language::Russian) => "хочет заплатить",
    };
    format!("{name} {verb} {amount}")
}

fn labelled(language: Language, [english, russian]: [&str; 2], value: &str) -> String {
    let label = match language {
        Language::English => english,
        Language::Russian => russian,
    };
    format!("{label}: {value}")
}

/// Nobody has decided yet, and the time is soon over.
#[must_use]
pub fn reminder(language: Language, until: Moment) -> String {
    let until = date_time(language, until);
    match language {
        Language::English => format!("⏳ This still waits for your decision. It expires at {until}."),
        Language::Russian => format!("⏳ Это всё ещё ждёт вашего решения. Срок: {until}."),
    }
}
