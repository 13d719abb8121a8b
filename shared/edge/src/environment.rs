//! Configuration: names and values, from the process environment or from whoever runs a function in process.

use std::collections::BTreeMap;

/// The configuration that a function is built from.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

/// A value that is missing or wrong; it names the variable and never shows the value.
#[derive(Debug, thiserror::Error)]
#[error("environment variable {name}: {problem}")]
pub struct EnvironmentError {
    name: String,
    problem: String,
}

impl Environment {
    /// The process environment.
    #[must_use]
    pub fn of_process() -> Self {
        Self(std::env::vars().collect())
    }

    /// Adds or replaces a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Every name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A value that must be there.
    ///
    /// # Errors
    /// Where it is missing or empty.
    pub fn required(&self, name: &str) -> Result<&str, EnvironmentError> {
        self.optional(name).ok_or_else(|| self.wrong(name, "is missing"))
    }

    /// A value that may be there.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A switch: `true` or `1`, `false` or `0`; off where it is not there.
    ///
    /// # Errors
    /// Where it is anything else.
    pub fn switch(&self, name: &str) -> Result<bool, EnvironmentError> {
        Ok(self.said(name)?.unwrap_or(false))
    }

    /// A switch of what protects: on where it is not there.
    ///
    /// # Errors
    /// Where it is anything else than [`Environment::switch`] reads.
    pub fn safeguard(&self, name: &str) -> Result<bool, EnvironmentError> {
        Ok(self.said(name)?.unwrap_or(true))
    }

    fn said(&self, name: &str) -> Result<Option<bool>, EnvironmentError> {
        match self.optional(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("false" | "0") => Ok(Some(false)),
            Some("true" | "1") => Ok(Some(true)),
            Some(_) => Err(self.wrong(name, "must be true or false")),
        }
    }

    /// The KMS keys that secrets were sealed under before the one of `SEALING_KEY_ID`: `PREVIOUS_SEALING_KEY_IDS`, ids, ARNs or
    /// aliases with commas between. They open and never seal.
    #[must_use]
    pub fn previous_sealing_keys(&self) -> Vec<String> {
        let ids = self.optional("PREVIOUS_SEALING_KEY_IDS").unwrap_or_default().split(',').map(str::trim);
        ids.filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }

    /// Says what is wrong with a value.
    #[must_use]
    pub fn wrong(&self, name: &str, problem: impl std::fmt::Display) -> EnvironmentError {
        EnvironmentError { name: name.to_owned(), problem: problem.to_string() }
    }
}

#[test]
fn keys_of_before_are_read_with_commas_between() {
    let environment = Environment::default();
    assert!(environment.previous_sealing_keys().is_empty());
    for (text, keys) in [("", vec![]), (" , ", vec![]), ("a", vec!["a"]), ("a, alias/b ,", vec!["a", "alias/b"])] {
        let environment = environment.clone().with("PREVIOUS_SEALING_KEY_IDS", text);
        assert_eq!(environment.previous_sealing_keys(), keys, "{text:?}");
    }
}

#[test]
fn what_protects_is_on_unless_it_is_switched_off() {
    let safeguard = |value: Option<&str>| {
        let environment = Environment::default();
        let environment =
            value.map_or(environment.clone(), |value| environment.with("REQUIRE_HMAC_VERIFICATION", value));
        (environment.safeguard("REQUIRE_HMAC_VERIFICATION").ok(), environment.switch("REQUIRE_HMAC_VERIFICATION").ok())
    };
    assert_eq!([None, Some("")].map(safeguard), [(Some(true), Some(false)); 2]);
    assert_eq!([Some("false"), Some("0")].map(safeguard), [(Some(false), Some(false)); 2]);
    assert_eq!(safeguard(Some("TRUE")), (Some(true), Some(true)));
    assert_eq!(safeguard(Some("no")), (None, None), "a slip of the pen switches nothing off");
}
