//! The languages that the bot speaks, and which of them a person reads.

use crate::Profile;

/// A language that every sentence exists in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, where nothing else is known.
    #[default]
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Russian];

    /// Its ISO 639-1 code, as Telegram takes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Russian => "Русский",
        }
    }

    /// Reads an IETF tag (`ru`, `ru-RU`), or a name as people write it; none for a language that the bot does not speak.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let code = text.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| {
            language.code() == code
                || language.own_name().to_lowercase() == text
                || language.english_name().eq_ignore_ascii_case(&text)
        })
    }

    const fn english_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Russian => "Russian",
        }
    }

    /// What a person reads: what they chose, else what their app is set to, else English.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let chosen = profile.language.as_deref().and_then(Self::read);
        chosen.or_else(|| Self::of_app(profile)).unwrap_or_default()
    }

    /// What their app is set to.
    #[must_use]
    pub fn of_app(profile: &Profile) -> Option<Self> {
        profile.language_code.as_deref().and_then(Self::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(chosen: Option<&str>, app: Option<&str>) -> Profile {
        Profile { language: chosen.map(str::to_owned), language_code: app.map(str::to_owned), ..Profile::default() }
    }

    #[test]
    fn the_choice_goes_first_then_the_app_then_english() {
        assert_eq!(Language::of(&profile(Some("en"), Some("ru"))), Language::English);
        assert_eq!(Language::of(&profile(None, Some("ru-RU"))), Language::Russian);
        assert_eq!(Language::of(&profile(Some("tlh"), Some("ru"))), Language::Russian);
        assert_eq!(Language::of(&profile(None, Some("de"))), Language::English);
        assert_eq!(Language::of(&profile(None, None)), Language::English);
    }

    #[test]
    fn tags_and_names_are_read() {
        for (text, language) in
            [("RU", Language::Russian), ("русский", Language::Russian), (" english ", Language::English)]
        {
            assert_eq!(Language::read(text), Some(language), "{text}");
        }
        assert_eq!(Language::read("rus"), None);
        assert_eq!(Language::read(""), None);
    }
}
