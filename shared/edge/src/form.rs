//! A field of a form as a browser sends it, decoded into memory that is wiped: it may be a key.

use countersign_core::{Refusal, Secret};
use percent_encoding::percent_decode;
use zeroize::Zeroizing;

/// The one field of this name (application/x-www-form-urlencoded of the URL standard); none where there is none.
///
/// # Errors
/// 400 where there are several.
pub(crate) fn field(body: &[u8], name: &str) -> Result<Option<Secret>, Refusal> {
    let mut found = None;
    for pair in body.split(|byte| *byte == b'&') {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let (key, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        if *decoded(key) != name.as_bytes() {
            continue;
        }
        if found.is_some() {
            return Err(Refusal::invalid("A field of the form is missing or not of its form"));
        }
        found = Some(Secret::new(std::mem::take(&mut *decoded(value))));
    }
    Ok(found)
}

/// A plus is a space, a percent sign and two digits are a byte.
fn decoded(text: &[u8]) -> Zeroizing<Vec<u8>> {
    // Room from the start: growing would leave a part behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    for (at, part) in text.split(|byte| *byte == b'+').enumerate() {
        bytes.extend((at > 0).then_some(b' '));
        bytes.extend(percent_decode(part));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, name: &str) -> Option<String> {
        field(body.as_bytes(), name).unwrap().map(|value| value.expose_str().unwrap().to_owned())
    }

    #[test]
    fn a_field_is_decoded_as_a_browser_has_encoded_it() {
        let body = "code=a+b&key=%5B1%2C2%5D&empty=&bare&%6Eame=%d0%ba+%zz%4&==x";
        for (name, value) in [
            ("code", Some("a b")),
            ("key", Some("[1,2]")),
            ("empty", Some("")),
            ("bare", Some("")),
            ("name", Some("к %zz%4")),
            ("", Some("=x")),
            ("none", None),
        ] {
            assert_eq!(read(body, name).as_deref(), value, "{name}");
        }
        assert!(field(b"key=1&key=1", "key").is_err());
        assert!(field(b"key=1&k%65y=2", "key").is_err());
    }
}
