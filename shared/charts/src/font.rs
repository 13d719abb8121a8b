//! The one font, which the binary brings along: no font of the machine is looked for.

use std::sync::OnceLock;

use plotters::style::{FontStyle, IntoFont as _, register_font};

use crate::ChartError;

/// DejaVu Sans: Latin, Greek, Cyrillic, digits, punctuation, currency signs. Its licence lies beside it.
static SANS: &[u8] = include_bytes!("../font/DejaVuSans-subset.ttf");
/// The font by name. In an SVG document a viewer without it takes one that is about as wide.
pub(crate) const FAMILY: &str = "DejaVu Sans, Verdana, Arial, sans-serif";
/// What stands for the rest of a long name.
const REST: char = '…';

/// Makes the font known to the drawing code, once.
///
/// # Errors
/// Where its bytes are no font.
pub(crate) fn ready() -> Result<(), ChartError> {
    static READY: OnceLock<bool> = OnceLock::new();
    let good = *READY.get_or_init(|| register_font(FAMILY, FontStyle::Normal, SANS).is_ok());
    if good { Ok(()) } else { Err(ChartError::Drawing("the font is not readable".to_owned())) }
}

/// How wide a line is, in pixels.
pub(crate) fn width(text: &str, size: u32) -> u32 {
    let layout = (FAMILY, size).into_font().layout_box(text);
    layout.map_or(0, |((left, _), (right, _))| right.saturating_sub(left).unsigned_abs())
}

/// On one line, without what steers a terminal or turns the direction of text, and no wider than `most` pixels.
pub(crate) fn fitted(text: &str, size: u32, most: u32) -> String {
    let clean = clean(text);
    if width(&clean, size) <= most {
        return clean;
    }
    let mut kept: Vec<char> = clean.chars().collect();
    loop {
        kept.pop();
        let short: String = kept.iter().collect::<String>().trim_end().chars().chain([REST]).collect();
        if kept.is_empty() || width(&short, size) <= most {
            return short;
        }
    }
}

/// Characters that an XML document may not hold, and those that turn the direction of what follows, are left out.
fn clean(text: &str) -> String {
    let bad = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    let spaced: String = text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    spaced.trim().chars().filter(|letter| !bad(*letter)).take(LOOKED_AT).collect()
}

/// No more of a text is looked at, in characters.
const LOOKED_AT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_end_in_an_ellipsis_and_fit() {
        ready().unwrap();
        for (text, most) in [("Groceries and everything else that is eaten", 120), ("Ж".repeat(500).as_str(), 90)] {
            let short = fitted(text, 16, most);
            assert!(short.ends_with('…') && width(&short, 16) <= most, "{short}");
        }
        assert_eq!(fitted("Groceries", 16, 200), "Groceries");
        assert_eq!(fitted("", 16, 200), "");
        assert_eq!(fitted("wide", 16, 0), "…");
    }

    #[test]
    fn what_steers_is_left_out() {
        assert_eq!(clean(" a\u{202e}b\n\tc\u{0}d\u{feff}\u{1b}[31m "), "ab  cd[31m");
    }

    #[test]
    fn letters_of_both_languages_and_currency_signs_are_there() {
        ready().unwrap();
        let unknown = width("\u{4e00}", 100);
        for sign in "€₽$£¥₸₴łßжЫёЁİ№−…".chars() {
            let text = sign.to_string();
            assert!(width(&text, 100) > 0 && width(&text, 100) != unknown, "{sign}");
        }
    }
}
