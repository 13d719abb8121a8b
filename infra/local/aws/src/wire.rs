//! The JSON protocols' wire form: how a request is read and how binary values look in it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use zeroize::Zeroizing;

use crate::error::AwsError;

/// Binary data, base64 on the wire; wiped on drop because it may be a plaintext.
pub(crate) struct Blob(Zeroizing<Vec<u8>>);

impl Blob {
    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = BASE64_STANDARD.decode(text.as_bytes()).map_err(|_| D::Error::custom("not base64"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

/// Bytes as they go out.
pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Reads an operation's input. The message never repeats a value.
///
/// # Errors
/// `ValidationException` where a required member is missing, `SerializationException` where the body is no such object.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AwsError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        match text.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
            Some((field, _)) => AwsError::validation(format!(
                "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
                camel_case(field)
            )),
            None => AwsError::new("SerializationException", "The request could not be read."),
        }
    })
}

fn camel_case(field: &str) -> String {
    let mut letters = field.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        key_id: String,
        plaintext: Blob,
    }

    #[test]
    fn a_missing_member_is_named_and_a_wrong_one_is_not_repeated() {
        let missing = parse::<Input>(br#"{"Plaintext":"AA=="}"#).err().unwrap();
        assert_eq!(missing.code, "ValidationException");
        assert!(missing.message.contains("'keyId'"), "{}", missing.message);
        let wrong = parse::<Input>(br#"{"KeyId":"a","Plaintext":"hunter2!"}"#).err().unwrap();
        assert_eq!(wrong.code, "SerializationException");
        assert!(!wrong.message.contains("hunter2"));
        let right = parse::<Input>(br#"{"KeyId":"a","Plaintext":"AAE="}"#).unwrap();
        assert_eq!((right.key_id.as_str(), right.plaintext.bytes()), ("a", &[0, 1][..]));
    }
}
