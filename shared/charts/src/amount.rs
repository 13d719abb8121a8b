//! Amounts as people read them: from minor units, by digits alone.

/// Between groups of three digits: a space that does not break a line.
const GROUP: char = '\u{a0}';
/// Before what is taken away.
const MINUS: char = '\u{2212}';

/// `-123456` at scale 2 as `−1 234.56`.
pub(crate) fn full(minor: i64, scale: u32) -> String {
    let digits = minor.unsigned_abs().to_string();
    let scale = usize::try_from(scale).unwrap_or(usize::MAX).min(18);
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    let mut text = String::with_capacity(digits.len() + 8);
    if minor < 0 {
        text.push(MINUS);
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    if !decimals.is_empty() {
        text.push('.');
        text.push_str(decimals);
    }
    text
}

/// For an axis: without decimals where all of them are noughts.
pub(crate) fn short(minor: i64, scale: u32) -> String {
    let text = full(minor, scale);
    match text.split_once('.') {
        Some((whole, decimals)) if decimals.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_from_their_digits() {
        for (minor, scale, text) in [
            (0, 2, "0.00"),
            (5, 2, "0.05"),
            (-5, 2, "−0.05"),
            (100, 0, "100"),
            (123_456, 2, "1 234.56"),
            (-123_456_789, 3, "−123 456.789"),
            (1, 7, "0.0000001"),
            (i64::MIN, 2, "−92 233 720 368 547 758.08"),
        ] {
            assert_eq!(full(minor, scale).replace(GROUP, " "), text);
        }
        assert_eq!(short(250_000, 2).replace(GROUP, " "), "2 500");
        assert_eq!(short(250_050, 2).replace(GROUP, " "), "2 500.50");
        assert_eq!(short(7, 0), "7");
    }
}
