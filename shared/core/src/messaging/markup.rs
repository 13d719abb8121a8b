//! How long a text is to Telegram: UTF-16 units after its entities are read.

use super::Text;

/// UTF-16 units of what is shown: of HTML, tags count nothing and a character reference counts as what it stands for.
pub(super) fn shown_units(text: &Text) -> usize {
    if !text.html {
        return text.text.trim().encode_utf16().count();
    }
    let (mut units, mut rest) = (0, text.text.trim());
    while let Some(first) = rest.chars().next() {
        let (counted, read) = match first {
            '<' => (0, rest.find('>').map_or(rest.len(), |end| end + 1)),
            '&' => reference(rest).unwrap_or((1, 1)),
            other => (other.len_utf16(), other.len_utf8()),
        };
        units += counted;
        rest = rest.get(read..).unwrap_or_default();
    }
    units
}

/// The longest character reference that Telegram reads, `&#1114111;`, in bytes.
const REFERENCE_BYTES: usize = 10;

/// A character reference at the beginning: its units and its length in bytes. Telegram reads numbers and four names.
fn reference(text: &str) -> Option<(usize, usize)> {
    let end = text.bytes().take(REFERENCE_BYTES).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    if ["lt", "gt", "amp", "quot"].contains(&name) {
        return Some((1, end + 1));
    }
    let digits = name.strip_prefix('#')?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    number.ok().and_then(char::from_u32).map(|character| (character.len_utf16(), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_shown() {
        for (text, units) in [
            (Text::plain("  a<b>  "), 4),
            (Text::plain("😀"), 2),
            (Text::html("<b>a</b> &amp; &#128512;"), 6),
            (Text::html("&nbsp;"), 6),
            (Text::html("&"), 1),
            (Text::html("<b"), 0),
            (Text::html("&é;"), 3),
        ] {
            assert_eq!(shown_units(&text), units, "{text:?}");
        }
    }
}
