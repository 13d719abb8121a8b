//! Reads form parameters as OAuth wants them (each at most once, an empty one as if it were absent), and writes them onto a URI.

use std::collections::{BTreeMap, BTreeSet};

use url::form_urlencoded;

/// Parameters in `application/x-www-form-urlencoded`, of a query or a body (RFC 6749, 3.1 and 3.2).
pub(super) struct Form {
    fields: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Form {
    pub(super) fn parse(raw: &[u8]) -> Self {
        let (mut fields, mut repeated, mut seen) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        for (name, value) in form_urlencoded::parse(raw) {
            let name = name.into_owned();
            if !seen.insert(name.clone()) {
                repeated.insert(name);
            } else if !value.is_empty() {
                fields.insert(name, value.into_owned());
            }
        }
        Self { fields, repeated }
    }

    /// The value, unless it is absent or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub(super) fn is_repeated(&self, name: &str) -> bool {
        self.repeated.contains(name)
    }

    /// Whether any parameter is there more than once.
    pub(super) fn has_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }
}

/// The URI with these parameters behind its own query, which is kept as it is (RFC 6749, 3.1.2).
pub(super) fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let join = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{join}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_once_and_drops_the_empty() {
        let form = Form::parse(b"a=1&b=&c=x+y%2B&a=2");
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("1"), None, Some("x y+")));
        assert!(form.has_repeated() && form.is_repeated("a") && !form.is_repeated("c"));
        assert!(Form::parse(b"b=&b=").is_repeated("b"));
        assert!(!Form::parse(b"a=1&b=1").has_repeated());
    }

    #[test]
    fn keeps_the_query_that_is_there() {
        let pairs = [("code", "a/b+=")];
        assert_eq!(with_query("http://h/c", &pairs), "http://h/c?code=a%2Fb%2B%3D");
        assert_eq!(with_query("http://h/c?x=1", &pairs), "http://h/c?x=1&code=a%2Fb%2B%3D");
        assert_eq!(with_query("http://h/c?", &pairs), "http://h/c?code=a%2Fb%2B%3D");
    }
}
