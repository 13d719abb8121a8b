//! Which links Telegram takes in texts and buttons, and how it writes them.

use url::{Host, ParseError, Url};

/// Schemes that a link may have; one without a scheme is `http`.
const SCHEMES: [&str; 5] = ["http", "https", "tg", "ton", "tonsite"];

/// Why a link is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::telegram) enum LinkError {
    #[error("URL host is empty")]
    NoHost,
    #[error("Wrong HTTP URL")]
    Wrong,
    #[error("Unsupported URL protocol")]
    Protocol,
}

/// The link as Telegram keeps it: with its scheme, with a path. A host without a dot in it is refused.
pub(in crate::telegram) fn checked_link(link: &str) -> Result<String, LinkError> {
    let link = link.trim();
    if link.is_empty() {
        return Err(LinkError::NoHost);
    }
    if let Some(rest) = link.strip_prefix("tg:") {
        return Ok(format!("tg://{}", rest.trim_start_matches('/')));
    }
    let whole = if link.contains("://") { link.to_owned() } else { format!("http://{link}") };
    let url = Url::parse(&whole).map_err(|error| match error {
        ParseError::EmptyHost => LinkError::NoHost,
        _ => LinkError::Wrong,
    })?;
    if !SCHEMES.contains(&url.scheme()) {
        return Err(LinkError::Protocol);
    }
    match url.host() {
        Some(Host::Domain(name)) if name.contains('.') => Ok(with_path(&whole)),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => Ok(with_path(&whole)),
        Some(Host::Domain(_)) => Err(LinkError::Wrong),
        None => Err(LinkError::NoHost),
    }
}

/// The person whom `tg://user?id=…` means.
pub(super) fn mentioned(link: &str) -> Option<i64> {
    let rest = link.trim().strip_prefix("tg:")?.trim_start_matches('/');
    rest.strip_prefix("user?id=")?.parse().ok().filter(|id| *id > 0)
}

/// With a `/` behind the host where nothing stands there.
fn with_path(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{}://{}{slash}{path}", scheme.to_ascii_lowercase(), host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_get_a_scheme_and_a_path() {
        for (link, kept) in [
            ("example.org", "http://example.org/"),
            ("https://example.org?a=b", "https://example.org/?a=b"),
            ("https://example.org/a'b?c=%20d#e", "https://example.org/a'b?c=%20d#e"),
            ("http://127.0.0.1:3000/x", "http://127.0.0.1:3000/x"),
            ("tg:resolve?domain=x", "tg://resolve?domain=x"),
        ] {
            assert_eq!(checked_link(link).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn links_that_lead_nowhere_are_refused() {
        for (link, error) in [
            ("", LinkError::NoHost),
            ("http://", LinkError::NoHost),
            ("nowhere", LinkError::Wrong),
            ("http://localhost:3000/", LinkError::Wrong),
            ("ftp://example.org", LinkError::Protocol),
        ] {
            assert_eq!(checked_link(link), Err(error), "{link}");
        }
    }

    #[test]
    fn a_person_is_mentioned_by_id() {
        assert_eq!(mentioned("tg://user?id=42"), Some(42));
        assert_eq!(mentioned("tg://user?id=x"), None);
    }
}
