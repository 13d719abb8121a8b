//! A fault: what shall go wrong, for which requests, how often.

use std::{collections::BTreeMap, time::Duration};

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// When the connection is closed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The request is not handled: it never arrived.
    Before,
    /// The request is handled and its answer is lost.
    After,
}

/// What shall go wrong. With neither `status`, `body` nor `cut` the request is handled as always, only later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Asked")]
pub struct Fault {
    /// Strikes only requests whose label has this text in it; none: every request.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<String>,
    /// How long to wait before anything else, in milliseconds.
    pub delay_ms: u64,
    /// The status answered in place of handling the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers added to the answer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body answered in place of handling the request: a string as it is, anything else as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Close the connection without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// How many matching requests pass first.
    pub skip: u32,
    /// How many requests it strikes.
    pub count: u32,
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            matching: None,
            delay_ms: 0,
            status: None,
            headers: BTreeMap::new(),
            body: None,
            cut: None,
            skip: 0,
            count: 1,
        }
    }
}

impl Fault {
    /// Answers this status once.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// Waits this long once, then handles the request.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self { delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), ..Self::default() }
    }

    /// Closes the connection once.
    #[must_use]
    pub fn cut(cut: Cut) -> Self {
        Self { cut: Some(cut), ..Self::default() }
    }

    /// Only for requests whose label has this text in it.
    #[must_use]
    pub fn matching(mut self, text: impl Into<String>) -> Self {
        self.matching = Some(text.into());
        self
    }

    /// Strikes this many requests.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Answers this body in place of handling the request.
    #[must_use]
    pub fn body(mut self, body: impl Into<Value>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Whether it strikes a request with this label; one that is let pass is counted.
    pub(crate) fn is_due(&mut self, label: &str) -> bool {
        if self.count == 0 || !self.matching.as_deref().is_none_or(|text| label.contains(text)) {
            return false;
        }
        let due = self.skip == 0;
        self.skip = self.skip.saturating_sub(1);
        due
    }

    /// Whether it answers by itself, so that the request is not handled.
    pub(crate) fn answers(&self) -> bool {
        self.status.is_some() || self.body.is_some()
    }
}

/// A fault as it is asked for over HTTP, with the other names that clients use for the same things.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(rename = "match", alias = "path", alias = "label")]
    matching: Option<String>,
    delay_ms: Option<u64>,
    #[serde(alias = "delay_seconds")]
    delay: Option<f64>,
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(alias = "wrong_body")]
    body: Option<Value>,
    #[serde(alias = "cut_connection")]
    cut: Option<AskedCut>,
    #[serde(default)]
    skip: u32,
    count: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AskedCut {
    Flag(bool),
    When(CutName),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CutName {
    Before,
    After,
}

impl TryFrom<Asked> for Fault {
    type Error = &'static str;

    fn try_from(asked: Asked) -> Result<Self, Self::Error> {
        if asked.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("status is from 200 to 599");
        }
        for (name, value) in &asked.headers {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return Err("headers has a name or a value that HTTP does not allow");
            }
        }
        let delay_ms = match (asked.delay_ms, asked.delay) {
            (Some(_), Some(_)) => return Err("give delay_ms or delay (seconds), not both"),
            (Some(millis), None) => millis,
            (None, Some(seconds)) => Duration::try_from_secs_f64(seconds)
                .map_err(|_| "delay is a number of seconds from 0 up")
                .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))?,
            (None, None) => 0,
        };
        let cut = match asked.cut {
            None | Some(AskedCut::Flag(false)) => None,
            Some(AskedCut::Flag(true) | AskedCut::When(CutName::Before)) => Some(Cut::Before),
            Some(AskedCut::When(CutName::After)) => Some(Cut::After),
        };
        Ok(Self {
            matching: asked.matching,
            delay_ms,
            status: asked.status,
            headers: asked.headers,
            body: asked.body,
            cut,
            skip: asked.skip,
            count: asked.count.unwrap_or(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_every_name_of_a_fault() {
        let fault: Fault =
            serde_json::from_value(json!({"path": "/a", "delay": 0.25, "cut_connection": true, "count": 3})).unwrap();
        let expected =
            Fault { matching: Some("/a".into()), delay_ms: 250, cut: Some(Cut::Before), count: 3, ..Fault::default() };
        assert_eq!(fault, expected);
        let again: Fault = serde_json::from_value(serde_json::to_value(&fault).unwrap()).unwrap();
        assert_eq!(again, fault);
        let late: Fault = serde_json::from_value(json!({"cut": "after"})).unwrap();
        assert_eq!(late, Fault::cut(Cut::After));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for bad in [
            json!({"stauts": 500}),
            json!({"status": 99}),
            json!({"delay": -1}),
            json!({"delay": 1, "delay_ms": 1}),
            json!({"cut": "later"}),
            json!({"headers": {"a b": "c"}}),
        ] {
            assert!(serde_json::from_value::<Fault>(bad.clone()).is_err(), "{bad}");
        }
    }
}
