//! What a call says: from the query, a JSON body, a form or an upload, all read alike as Telegram does.

mod read;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::refusal::Refusal;

pub(super) use read::{from_answer, from_request};

/// A file that came with a call.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) mime: Option<String>,
    pub(super) content: Vec<u8>,
}

/// The parameters of a call.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: Map<String, Value>,
    uploads: BTreeMap<String, Upload>,
}

impl Params {
    fn set(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// Parameters that name only a chat.
    pub(super) fn of_chat(chat_id: Value) -> Self {
        let mut params = Self::default();
        params.set("chat_id", chat_id);
        params
    }

    /// As text; a number or a truth value as it is written.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// As a whole number.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// Whether it is set and means yes.
    pub(super) fn flag(&self, name: &str) -> bool {
        let value = self.text(name).unwrap_or_default().to_ascii_lowercase();
        ["true", "yes", "1"].contains(&value.as_str())
    }

    /// As an object or a list, written as such or as text that is JSON; an empty text is none.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, serde_json::Error> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// The file of this name: the upload itself, or the one that `attach://` names.
    pub(super) fn upload(&self, name: &str) -> Option<&Upload> {
        let attached = self.text(name).and_then(|text| text.strip_prefix("attach://").map(str::to_owned));
        self.uploads.get(attached.as_deref().unwrap_or(name))
    }

    /// The method that a webhook's answer names.
    pub(super) fn method(&self) -> Option<String> {
        self.text("method").filter(|method| !method.is_empty())
    }

    /// A whole number that must be there.
    pub(super) fn required_integer(&self, name: &str, otherwise: &str) -> Result<i64, Refusal> {
        self.integer(name).ok_or_else(|| Refusal::bad(otherwise))
    }
}

/// Only for tests of what reads parameters.
#[cfg(test)]
impl From<Value> for Params {
    fn from(value: Value) -> Self {
        Self { values: value.as_object().cloned().unwrap_or_default(), uploads: BTreeMap::new() }
    }
}
