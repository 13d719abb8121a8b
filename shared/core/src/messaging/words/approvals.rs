//! Questions and approvals: what people are asked, what their press is answered, and what came of it. All of it plain.

use super::{Forms, Language, counted, date_time};
use crate::Moment;

const APPROVALS: Forms = Forms {
    english: ["approval", "approvals"], russian: ["одобрение", "одобрения", "одобрений"]
};
const ANSWERS: Forms =
    Forms { english: ["answer", "answers"], russian: ["ответ", "ответа", "ответов"] };
const SAME_ANSWERS: Forms = Forms {
    english: ["equal answer", "equal answers"],
    russian: ["одинаковый ответ", "одинаковых ответа", "одинаковых ответов"],
};
/// In the genitive, as behind "больше".
const CHARACTERS_AT_MOST: Forms =
    Forms { english: ["character", "characters"], russian: ["символа", "символов", "символов"] };
const OTHERS: Forms =
    Forms { english: ["other", "others"], russian: ["человек", "человека", "человек"] };

/// What has to come together for an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// So many approvals.
    Approvals,
    /// So many people who say the same.
    SameAnswers,
    /// So many answers, whatever they say.
    Answers,
}

/// The word on a button, or in an outcome, of an answer that the wire calls `yes`, `no`, `approve` or `deny`.
#[must_use]
pub fn answer(language: Language, wire: &str) -> &str {
    match (language, wire) {
        (Language::English, "yes") => "Yes",
        (Language::English, "no") => "No",
        (Language::English, "approve") => "Approve",
        (Language::English, "deny") => "Deny",
        (Language::Russian, "yes") => "Да",
        (Language::Russian, "no") => "Нет",
        (Language::Russian, "approve") => "Одобрить",
        (Language::Russian, "deny") => "Отклонить",
        (_, other) => other,
    }
}

/// Who asks.
#[must_use]
pub fn asked_by(language: Language, name: &str) -> String {
    match language {
        Language::English => format!("Asked by {name}."),
        Language::Russian => format!("Спрашивает {name}."),
    }
}

/// How many must agree, where one does not do.
#[must_use]
pub fn needed(language: Language, number: usize, what: Needed) -> String {
    let forms = match what {
        Needed::Approvals => &APPROVALS,
        Needed::SameAnswers => &SAME_ANSWERS,
        Needed::Answers => &ANSWERS,
    };
    let count = counted(language, wide(number), forms);
    match (language, number) {
        (Language::English, 1) => format!("{count} is needed."),
        (Language::English, _) => format!("{count} are needed."),
        (Language::Russian, _) => format!("Нужно {count}."),
    }
}

/// Until when answers count.
#[must_use]
pub fn open_until(language: Language, moment: Moment) -> String {
    let at = date_time(language, moment);
    match language {
        Language::English => format!("Open until {at}."),
        Language::Russian => format!("Ответ ждём до {at}."),
    }
}

/// How to answer in words.
#[must_use]
pub const fn reply_with_words(language: Language) -> &'static str {
    match language {
        Language::English => "Reply to this message with your answer.",
        Language::Russian => "Ответьте на это сообщение.",
    }
}

/// Approved: by whom and when.
#[must_use]
pub fn approved(language: Language, names: &str, at: Moment) -> String {
    let at = date_time(language, at);
    match language {
        Language::English => format!("✅ Approved by {names}, {at}"),
        Language::Russian => format!("✅ Одобрено: {names}, {at}"),
    }
}

/// Taken back: by whom and when.
#[must_use]
pub fn withdrawn(language: Language, name: &str, at: Moment) -> String {
    let at = date_time(language, at);
    match language {
        Language::English => format!("↩️ Taken back by {name}, {at}"),
        Language::Russian => format!("↩️ Отозвано: {name}, {at}"),
    }
}

/// Denied: by whom and when.
#[must_use]
pub fn denied(language: Language, names: &str, at: Moment) -> String {
    let at = date_time(language, at);
    match language {
        Language::English => format!("❌ Denied by {names}, {at}"),
        Language::Russian => format!("❌ Отклонено: {names}, {at}"),
    }
}

/// Answered: what, by whom and when.
#[must_use]
pub fn answered(language: Language, answer: &str, names: &str, at: Moment) -> String {
    let at = date_time(language, at);
    let stop = if answer.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    match language {
        Language::English => format!("✅ {answer}{stop} Answered by {names}, {at}"),
        Language::Russian => format!("✅ {answer}{stop} Ответ дали: {names}, {at}"),
    }
}

/// Nobody decided in time.
#[must_use]
pub fn nobody_in_time(language: Language, at: Moment) -> String {
    let at = date_time(language, at);
    match language {
        Language::English => format!("⌛ Expired without a decision, {at}"),
        Language::Russian => format!("⌛ Время вышло, решения нет, {at}"),
    }
}

/// Nobody could be asked.
#[must_use]
pub fn nobody_asked(language: Language, at: Moment) -> String {
    let at = date_time(language, at);
    match language {
        Language::English => format!("⚠️ Nobody could be asked, {at}"),
        Language::Russian => format!("⚠️ Спросить никого не удалось, {at}"),
    }
}

/// Names in a row; of many the first three.
#[must_use]
pub fn names(language: Language, names: &[&str]) -> String {
    let and = match language {
        Language::English => " and ",
        Language::Russian => " и ",
    };
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, second] => format!("{first}{and}{second}"),
        [first, second, third] => format!("{first}, {second}{and}{third}"),
        [first, second, third, rest @ ..] => {
            let others = counted(language, wide(rest.len()), &OTHERS);
            match language {
                Language::English => format!("{first}, {second}, {third} and {others}"),
                Language::Russian => format!("{first}, {second}, {third} и ещё {others}"),
            }
        }
    }
}

/// An answer counts, and it is the one that decides.
#[must_use]
pub fn decided(language: Language, answer: &str) -> String {
    match language {
        Language::English => format!("Your answer decides: {answer}"),
        Language::Russian => format!("Ваш ответ решающий: {answer}"),
    }
}

/// An answer counts, and others are waited for.
#[must_use]
pub fn so_far(language: Language, answer: &str, number: usize, quorum: usize) -> String {
    match language {
        Language::English => format!("Your answer counts: {answer}. {number} of {quorum} so far."),
        Language::Russian => format!("Ваш ответ учтён: {answer}. Пока {number} из {quorum}."),
    }
}

/// The only person who is asked has answered.
#[must_use]
pub fn noted(language: Language, answer: &str) -> String {
    match language {
        Language::English => format!("Your answer: {answer}"),
        Language::Russian => format!("Ваш ответ: {answer}"),
    }
}

/// A button that nobody of ours made.
#[must_use]
pub const fn forged(language: Language) -> &'static str {
    match language {
        Language::English => "This button is not valid. Nothing was decided.",
        Language::Russian => "Эта кнопка недействительна. Ничего не решено.",
    }
}

/// Somebody else is asked.
#[must_use]
pub const fn not_asked(language: Language) -> &'static str {
    match language {
        Language::English => "This question is not for you.",
        Language::Russian => "Этот вопрос не к вам.",
    }
}

/// Somebody was faster; `outcome` says who and when. For what ended without a decision the outcome says all.
#[must_use]
pub fn already(language: Language, outcome: &str) -> String {
    match language {
        Language::English => format!("This is already decided.\n{outcome}"),
        Language::Russian => format!("Это уже решено.\n{outcome}"),
    }
}

/// Too late.
#[must_use]
pub fn expired(language: Language, at: Moment) -> String {
    let at = date_time(language, at);
    match language {
        Language::English => format!("Too late: answers counted until {at}."),
        Language::Russian => format!("Слишком поздно: ответы принимались до {at}."),
    }
}

/// The person has answered before.
#[must_use]
pub fn voted(language: Language, answer: &str) -> String {
    match language {
        Language::English => format!("You have already answered: {answer}"),
        Language::Russian => format!("Вы уже ответили: {answer}"),
    }
}

/// The message does not show what is decided.
#[must_use]
pub const fn out_of_date(language: Language) -> &'static str {
    match language {
        Language::English => "This message is out of date. Nothing was decided.",
        Language::Russian => "Это сообщение устарело. Ничего не решено.",
    }
}

/// The answer has too many characters.
#[must_use]
pub fn too_long(language: Language, most: usize) -> String {
    let most = counted(language, wide(most), &CHARACTERS_AT_MOST);
    match language {
        Language::English => format!("This answer is too long: at most {most}. Send a shorter one."),
        Language::Russian => format!("Ответ слишком длинный: не больше {most}. Отправьте короче."),
    }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_forms() {
        let said = |language, number, what| needed(language, number, what).replace('\u{a0}', " ");
        assert_eq!(said(Language::English, 2, Needed::Approvals), "2 approvals are needed.");
        assert_eq!(said(Language::Russian, 2, Needed::Approvals), "Нужно 2 одобрения.");
        assert_eq!(said(Language::Russian, 5, Needed::SameAnswers), "Нужно 5 одинаковых ответов.");
        assert_eq!(
            too_long(Language::Russian, 1000).replace('\u{a0}', " "),
            "Ответ слишком длинный: не больше 1000 символов. Отправьте короче."
        );
    }

    #[test]
    fn an_answer_that_ends_a_sentence_gets_no_second_full_stop() {
        let said = |answer| answered(Language::English, answer, "Anna", Moment::from_seconds(0));
        assert!(said("Yes").starts_with("✅ Yes. Answered by Anna, "));
        assert!(said("Why not?").starts_with("✅ Why not? Answered by Anna, "));
        assert!(said("At noon.").starts_with("✅ At noon. Answered by Anna, "));
    }

    #[test]
    fn many_names_are_cut() {
        let all = ["Anna", "Boris", "Clara", "Dan", "Eve"];
        let said = |language, number: usize| names(language, &all[..number]).replace('\u{a0}', " ");
        assert_eq!(said(Language::English, 1), "Anna");
        assert_eq!(said(Language::English, 2), "Anna and Boris");
        assert_eq!(said(Language::English, 3), "Anna, Boris and Clara");
        assert_eq!(said(Language::English, 5), "Anna, Boris, Clara and 2 others");
        assert_eq!(said(Language::Russian, 4), "Anna, Boris, Clara и ещё 1 человек");
    }
}
