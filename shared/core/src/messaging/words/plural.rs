//! Which form a noun takes behind a number (Unicode CLDR, cardinal plural rules of English and Russian).

use super::Language;

/// The forms of a counted noun.
#[derive(Clone, Copy, Debug)]
pub struct Forms {
    /// English behind 1, and behind any other number.
    pub english: [&'static str; 2],
    /// Russian behind 1, 21, 31 …; behind 2 to 4, 22 to 24 …; behind all others.
    pub russian: [&'static str; 3],
}

impl Forms {
    /// The form behind this number.
    #[must_use]
    pub const fn behind(&self, language: Language, number: u64) -> &'static str {
        let ([one, other], [first, few, many]) = (self.english, self.russian);
        match (language, number, number % 10, number % 100) {
            (Language::English, 1, ..) => one,
            (Language::English, ..) => other,
            (Language::Russian, _, _, 11..=14) => many,
            (Language::Russian, _, 1, _) => first,
            (Language::Russian, _, 2..=4, _) => few,
            (Language::Russian, ..) => many,
        }
    }
}

/// The number with its noun; a space that does not break the line between them.
#[must_use]
pub fn counted(language: Language, number: u64, forms: &Forms) -> String {
    format!("{number}\u{a0}{}", forms.behind(language, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOTES: Forms =
        Forms { english: ["vote", "votes"], russian: ["голос", "голоса", "голосов"] };

    #[test]
    fn english_knows_one_and_others() {
        for (number, form) in [(0, "votes"), (1, "vote"), (2, "votes"), (11, "votes"), (21, "votes"), (101, "votes")] {
            assert_eq!(VOTES.behind(Language::English, number), form, "{number}");
        }
    }

    #[test]
    fn russian_looks_at_the_last_digits() {
        for (numbers, form) in [
            (&[1, 21, 101, 1001][..], "голос"),
            (&[2, 3, 4, 22, 34, 102][..], "голоса"),
            (&[0, 5, 9, 10, 11, 12, 13, 14, 15, 20, 25, 111, 112, 1011][..], "голосов"),
        ] {
            for number in numbers {
                assert_eq!(VOTES.behind(Language::Russian, *number), form, "{number}");
            }
        }
        assert_eq!(counted(Language::Russian, 2, &VOTES), "2\u{a0}голоса");
    }
}
