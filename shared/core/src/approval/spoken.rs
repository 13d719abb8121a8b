//! A language as it is stored: by its code.

use serde::{Deserialize as _, Deserializer, Serializer};

use crate::messaging::words::Language;

pub(super) fn serialize<S: Serializer>(language: &Language, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(language.code())
}

/// A code of a later version is read as English.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Language, D::Error> {
    let code = String::deserialize(deserializer)?;
    Ok(Language::read(&code).unwrap_or_default())
}
