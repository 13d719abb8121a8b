//! The emergency: that every client's key is revoked.

use super::Language;

/// What the other admins are asked.
#[must_use]
pub const fn asked(language: Language) -> &'static str {
    match language {
        Language::English => {
            "⛔ EMERGENCY: revoke the trading keys of ALL clients? Every bot stops, and nothing signs until each client has \
             entered a new key."
        }
        Language::Russian => {
            "⛔ ЧП: отозвать торговые ключи ВСЕХ клиентов? Все боты остановятся, и ничего не будет подписано, пока каждый \
             клиент не введёт новый ключ."
        }
    }
}

/// Why, as whoever asks says it.
#[must_use]
pub fn reason(language: Language, reason: &str) -> String {
    match language {
        Language::English => format!("Reason: {reason}"),
        Language::Russian => format!("Причина: {reason}"),
    }
}

/// What somebody is told who is not one of the admins any more, or has asked for it.
#[must_use]
pub const fn may_not(language: Language) -> &'static str {
    match language {
        Language::English => "This takes another admin than the one who asks. Nothing was changed.",
        Language::Russian => "Это решает другой администратор, не тот, кто просит. Ничего не изменено.",
    }
}
