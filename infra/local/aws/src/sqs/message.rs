//! A message's body and attributes: what is allowed, how large it is, and the MD5 sums clients check.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::errors::invalid;
use crate::error::AwsError;

/// A message attribute as it travels; binary values stay base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

/// Attributes by name, sorted as the MD5 needs them.
pub(super) type Attributes = BTreeMap<String, Attribute>;

impl Attribute {
    /// The text of an attribute that has one.
    pub(super) fn text(&self) -> Option<&str> {
        self.string_value.as_deref()
    }

    /// Its value's bytes and the mark that the MD5 has for their kind.
    fn value(&self) -> Option<(u8, Vec<u8>)> {
        match (&self.string_value, &self.binary_value) {
            (Some(text), None) if !self.data_type.starts_with("Binary") => Some((1, text.as_bytes().to_vec())),
            (None, Some(binary)) if self.data_type.starts_with("Binary") => {
                Some((2, BASE64_STANDARD.decode(binary).ok()?))
            }
            _ => None,
        }
    }
}

/// Checks a message and answers its size in bytes, attributes included.
///
/// # Errors
/// `InvalidMessageContents` or an invalid parameter.
pub(super) fn measure(body: &str, attributes: &Attributes) -> Result<usize, AwsError> {
    if body.is_empty() {
        return Err(invalid("Message must be at least one character long."));
    }
    if !body.chars().all(is_allowed) {
        return Err(AwsError::new("InvalidMessageContents", "Invalid characters found in the message body."));
    }
    if attributes.len() > 10 {
        return Err(invalid("Number of message attributes exceeds the allowed maximum [10]."));
    }
    let mut size = body.len();
    for (name, attribute) in attributes {
        size += name.len() + attribute.data_type.len() + attribute_size(name, attribute)?;
    }
    Ok(size)
}

fn attribute_size(name: &str, attribute: &Attribute) -> Result<usize, AwsError> {
    let base = attribute.data_type.split('.').next().unwrap_or_default();
    if !["String", "Number", "Binary"].contains(&base) {
        return Err(invalid(format!("The message attribute '{name}' has an invalid data type.")));
    }
    let value = attribute.value().filter(|(_, value)| !value.is_empty());
    let (_, value) = value.ok_or_else(|| invalid(format!("The message attribute '{name}' must contain a value.")))?;
    if base == "Number" && attribute.text().is_none_or(|text| text.parse::<f64>().is_err()) {
        return Err(invalid(format!("The message attribute '{name}' is no number.")));
    }
    Ok(value.len())
}

/// The characters that SQS documents for `SendMessage`.
fn is_allowed(c: char) -> bool {
    matches!(c, '\u{9}' | '\u{A}' | '\u{D}' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// The body's MD5 in hex.
pub(super) fn md5_of_body(body: &str) -> String {
    format!("{:x}", md5::compute(body.as_bytes()))
}

/// The attributes' MD5 in hex, as the SQS developer guide lays the bytes out; none without attributes.
pub(super) fn md5_of_attributes(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    for (name, attribute) in attributes {
        let (mark, value) = attribute.value()?;
        push_with_length(&mut bytes, name.as_bytes());
        push_with_length(&mut bytes, attribute.data_type.as_bytes());
        bytes.push(mark);
        push_with_length(&mut bytes, &value);
    }
    Some(format!("{:x}", md5::compute(&bytes)))
}

fn push_with_length(bytes: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(part);
}
