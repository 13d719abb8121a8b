//! What waits for a decision, as `/pending` lists it, and what its buttons are answered.

use super::{Forms, Language, Text, counted, date_time, escape, fitting::fitting};
use crate::{Moment, ledger::Status};

const MORE: Forms = Forms {
    english: ["more transaction", "more transactions"],
    russian: ["операция", "операции", "операций"],
};

/// A transaction that waits, as a list shows it.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Who wants it; none: the reader.
    pub asked_by: Option<String>,
    /// How much, with its currency.
    pub amount: String,
    /// The wallet that it takes from.
    pub from: Option<String>,
    /// The wallet that it goes to.
    pub to: Option<String>,
    /// What for.
    pub category: Option<String>,
    /// It reverses another one.
    pub reverses: bool,
    /// Until when it may be decided.
    pub until: Moment,
}

/// What waits, numbered; and how many more there are. None of them: that nothing does.
#[must_use]
pub fn pending(language: Language, waiting: &[Waits], more: usize) -> Text {
    if waiting.is_empty() {
        return Text::plain(match language {
            Language::English => "Nothing waits.",
            Language::Russian => "Ничего не ждёт решения.",
        });
    }
    let heading = match language {
        Language::English => "This waits for a decision:",
        Language::Russian => "Ждёт решения:",
    };
    let mut lines: Vec<String> =
        waiting.iter().enumerate().map(|(index, waits)| format!("\n{}", waits.shown(language, index + 1))).collect();
    if more > 0 {
        let more = counted(language, u64::try_from(more).unwrap_or(u64::MAX), &MORE);
        lines.push(match language {
            Language::English => format!("\nAnd {more}: the app shows all."),
            Language::Russian => format!("\nИ ещё {more}: всё видно в приложении."),
        });
    }
    Text::html(fitting(heading, lines))
}

impl Waits {
    fn shown(&self, language: Language, number: usize) -> String {
        let who = match (&self.asked_by, language) {
            (Some(name), _) => escape(name),
            (None, Language::English) => "you".to_owned(),
            (None, Language::Russian) => "вы".to_owned(),
        };
        let what: Vec<String> = [self.way(language), self.category.clone()].into_iter().flatten().collect();
        let (amount, what) = (escape(&self.amount), escape(&what.join(", ")));
        let sign = if self.reverses { "↩️ " } else { "" };
        let until = date_time(language, self.until);
        match language {
            Language::English => format!("{number}. {sign}<b>{amount}</b>, {who}\n{what}\nuntil {until}"),
            Language::Russian => format!("{number}. {sign}<b>{amount}</b>, {who}\n{what}\nдо {until}"),
        }
    }

    fn way(&self, language: Language) -> Option<String> {
        match (&self.from, &self.to, language) {
            (Some(from), Some(to), _) => Some(format!("{from} → {to}")),
            (Some(from), None, Language::English) => Some(format!("from {from}")),
            (Some(from), None, Language::Russian) => Some(format!("из: {from}")),
            (None, Some(to), Language::English) => Some(format!("into {to}")),
            (None, Some(to), Language::Russian) => Some(format!("в: {to}")),
            (None, None, _) => None,
        }
    }
}

/// A button that shows the message with Approve and Deny.
#[must_use]
pub fn show_button(language: Language, number: usize) -> String {
    match language {
        Language::English => format!("Decide {number}"),
        Language::Russian => format!("Решить {number}"),
    }
}

/// A button that takes one's own back.
#[must_use]
pub fn take_back_button(language: Language, number: usize) -> String {
    match language {
        Language::English => format!("Take back {number}"),
        Language::Russian => format!("Отозвать {number}"),
    }
}

/// Said as a reply to the message that has the buttons.
#[must_use]
pub const fn decide_here(language: Language) -> &'static str {
    match language {
        Language::English => "☝️ Decide by the buttons of this message.",
        Language::Russian => "☝️ Решите кнопками этого сообщения.",
    }
}

/// Nobody was asked in this chat.
#[must_use]
pub const fn decide_in_app(language: Language) -> &'static str {
    match language {
        Language::English => "You were not asked in this chat. Decide it in the app.",
        Language::Russian => "В этом чате вас не спрашивали. Решите в приложении.",
    }
}

/// It was taken back.
#[must_use]
pub fn taken_back(language: Language, amount: &str) -> String {
    match language {
        Language::English => format!("Taken back: {amount}. What was held for it is free again."),
        Language::Russian => format!("Отозвано: {amount}. Удержанная сумма снова свободна."),
    }
}

/// It does not wait any more.
#[must_use]
pub const fn waits_no_more(language: Language, status: Status) -> &'static str {
    match (language, status) {
        (Language::English, Status::PendingApproval) => "Its time is over. Nothing was changed.",
        (Language::English, Status::Executed) => "This was approved and executed already. Nothing was changed.",
        (Language::English, Status::Rejected) => "This was rejected already. Nothing was changed.",
        (Language::English, Status::Cancelled) => "This was taken back already. Nothing was changed.",
        (Language::English, Status::Expired) => "This has expired. Nothing was changed.",
        (Language::English, Status::Reversed) => "This was executed and reversed. Nothing was changed.",
        (Language::Russian, Status::PendingApproval) => "Срок истёк. Ничего не изменено.",
        (Language::Russian, Status::Executed) => "Это уже одобрено и проведено. Ничего не изменено.",
        (Language::Russian, Status::Rejected) => "Это уже отклонено. Ничего не изменено.",
        (Language::Russian, Status::Cancelled) => "Это уже отозвано. Ничего не изменено.",
        (Language::Russian, Status::Expired) => "Срок истёк. Ничего не изменено.",
        (Language::Russian, Status::Reversed) => "Это проведено и потом отменено. Ничего не изменено.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_numbered_and_the_rest_is_counted() {
        let waits = Waits {
            asked_by: Some("<Max>".into()),
            amount: "600.00 EUR".into(),
            from: Some("Main".into()),
            to: None,
            category: Some("Home".into()),
            reverses: false,
            until: Moment::from_seconds(0),
        };
        let own = Waits { asked_by: None, to: Some("Savings".into()), category: None, ..waits.clone() };
        let said = |language, more| pending(language, &[waits.clone(), own.clone()], more).text.replace('\u{a0}', " ");
        let english = said(Language::English, 1);
        assert!(
            english.contains("1. <b>600.00 EUR</b>, &lt;Max&gt;\nfrom Main, Home\nuntil 1 January 1970"),
            "{english}"
        );
        assert!(english.contains("2. <b>600.00 EUR</b>, you\nMain → Savings"), "{english}");
        assert!(english.ends_with("And 1 more transaction: the app shows all."), "{english}");
        assert!(said(Language::Russian, 3).ends_with("И ещё 3 операции: всё видно в приложении."));
        assert_eq!(pending(Language::English, &[], 0).text, "Nothing waits.");
    }
}
