//! Cuts what has many lines to what one message holds: of one that is too long nothing would be shown.

use crate::limits;

/// Stands for lines that there is no room for.
const MORE: &str = "\n\u{2026}";

/// The heading and as many of these lines as fit. Markup counts as text: a little room is given away.
pub(super) fn fitting(heading: &str, lines: impl IntoIterator<Item = String>) -> String {
    let units = |text: &str| text.encode_utf16().count();
    let mut text = heading.to_owned();
    let mut used = units(&text) + units(MORE);
    for line in lines {
        used += units(&line) + 1;
        if used > limits::MESSAGE_UNITS {
            text.push_str(MORE);
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_whole_and_what_does_not_is_cut() {
        assert_eq!(fitting("a", ["b".to_owned(), "c".to_owned()]), "a\nb\nc");
        assert_eq!(fitting("", ["b".to_owned()]), "b");
        let long = fitting("a", (0..500).map(|number| format!("line {number}")));
        assert!(long.ends_with(MORE) && long.encode_utf16().count() <= limits::MESSAGE_UNITS, "{long}");
    }
}
