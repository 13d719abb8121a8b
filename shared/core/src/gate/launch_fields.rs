//! Takes launch data apart so that only one list of fields can have been meant.
//!
//! Libraries read `application/x-www-form-urlencoded` generously: a broken escape stays as it is, bytes that are no
//! UTF-8 are replaced, a field may come twice. Here each of these is refused, and so are control characters, because a
//! line break inside a value would look like another field in the lines that are signed.

use crate::limits;

/// More fields than Telegram will ever send.
const FIELDS_MOST: usize = 64;
/// The longest name of a field, in bytes.
const NAME_BYTES: usize = 64;

/// Decoded fields, sorted by name, each once.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// `None` where anything is not exactly as it should be.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > limits::CREDENTIAL_BYTES || text.split('&').count() > FIELDS_MOST {
            return None;
        }
        let mut fields = text.split('&').map(read_field).collect::<Option<Vec<_>>>()?;
        fields.sort();
        let doubled = fields.iter().zip(fields.iter().skip(1)).any(|(one, next)| one.0 == next.0);
        if doubled { None } else { Some(Self(fields)) }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|field| field.0 == name).map(|field| field.1.as_str())
    }

    /// `name=value` lines of all fields but these, without a line break at the end.
    pub(super) fn lines_without(&self, names: &[&str]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("\n")
    }
}

fn read_field(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (decode(name)?, decode(value)?);
    let plain = (1..=NAME_BYTES).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    plain.then_some((name, value))
}

/// `+` is a space, `%` is always followed by two hex digits, everything else is visible ASCII.
fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => (hex_digit(bytes.next()?)? << 4) | hex_digit(bytes.next()?)?,
            _ if byte.is_ascii_graphic() => byte,
            _ => return None,
        });
    }
    String::from_utf8(decoded).ok().filter(|decoded| !decoded.chars().any(char::is_control))
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_sorted_and_left_out_by_name() {
        let fields = Fields::read("b=2+3&hash=x&a_1=%C3%A9&a=1=1").unwrap();
        assert_eq!(fields.lines_without(&["hash"]), "a=1=1\na_1=é\nb=2 3");
        assert_eq!(fields.get("hash"), Some("x"));
        assert_eq!(fields.get("c"), None);
    }

    #[test]
    fn what_can_be_meant_twice_is_refused() {
        for bad in [
            "",
            "&",
            "a",
            "a=1&",
            "&a=1",
            "a=1&&b=2",
            "=1",
            "a=1&a=1",
            "a=1&%61=2",
            "a=%",
            "a=%4",
            "a=%4g",
            "a=%+1",
            "a=%FF",
            "a=%C3",
            "a=%00",
            "a=1%0Ab=2",
            "a=%0D",
            "a=%7F",
            "a=%C2%85",
            "a= ",
            "a=é",
            "a%3Db=1",
            "a[]=1",
            "a+b=1",
            "?a=1\n",
        ] {
            assert!(Fields::read(bad).is_none(), "{bad:?}");
        }
        let many = |count: usize| (0..count).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&");
        assert!(Fields::read(&many(FIELDS_MOST)).is_some());
        assert!(Fields::read(&many(FIELDS_MOST + 1)).is_none());
        assert!(Fields::read(&format!("a={}", "x".repeat(limits::CREDENTIAL_BYTES))).is_none());
    }

    proptest! {
        #[test]
        fn reads_what_a_strict_encoder_writes(value in "[^\\p{Cc}]{0,60}") {
            let text = url::form_urlencoded::Serializer::new(String::new()).append_pair("v", &value).finish();
            let fields = Fields::read(&text).unwrap();
            prop_assert_eq!(fields.get("v"), Some(value.as_str()));
        }

        #[test]
        fn never_panics_and_never_reads_a_control_character(text in any::<String>()) {
            if let Some(fields) = Fields::read(&text) {
                prop_assert!(!fields.0.iter().any(|(_, value)| value.chars().any(char::is_control)));
            }
        }
    }
}
