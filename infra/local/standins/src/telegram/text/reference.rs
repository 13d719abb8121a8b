//! Character references in HTML: `&lt;`, `&#60;`, `&#x3c;` and the few others that Telegram knows.

/// The character that a reference at the start of this text stands for, and the reference's length; no character
/// where it is half of a surrogate pair.
pub(super) fn referred(rest: &str) -> Option<(Option<char>, usize)> {
    let name = rest.strip_prefix('&')?;
    let (code, length) = if let Some(number) = name.strip_prefix('#') {
        let (digits, radix, before) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 3),
            None => (number, 10, 2),
        };
        let count = digits.chars().take_while(|c| c.is_digit(radix)).count();
        (u32::from_str_radix(digits.get(..count)?, radix).ok()?, before + count)
    } else {
        let count = name.chars().take_while(char::is_ascii_alphabetic).count();
        let known = [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"')];
        let (_, c) = known.into_iter().find(|(known, _)| name.get(..count) == Some(*known))?;
        (u32::from(c), 1 + count)
    };
    if code == 0 || code > 0x0010_ffff {
        return None;
    }
    let semicolon = rest.get(length..).is_some_and(|tail| tail.starts_with(';'));
    Some((char::from_u32(code), length + usize::from(semicolon)))
}

/// An attribute's value with its references read.
pub(super) fn decoded(mut raw: &str) -> String {
    let mut value = String::new();
    while let Some(c) = raw.chars().next() {
        let (c, length) = match referred(raw) {
            Some((Some(c), length)) => (c, length),
            _ => (c, c.len_utf8()),
        };
        value.push(c);
        raw = raw.get(length..).unwrap_or_default();
    }
    value
}
