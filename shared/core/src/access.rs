//! The access log: two lines tell of one request, API Gateway's and the function's, and the request's id joins them.

use std::net::IpAddr;

use serde::Deserialize;

use crate::{Moment, limits};

/// Where a function's line comes from: `countersign_edge::corridor` writes one a request.
const CORRIDOR: &str = "countersign_edge::corridor";
/// What such a line is.
const REQUEST: &str = "request";
/// API Gateway's last field is another system's text, and nothing in it is escaped.
const UNESCAPED: &str = r#""integration_error":"#;
/// Moments with thirteen digits, in milliseconds: from 2001 to 2286.
const MOMENTS: std::ops::Range<i64> = 1_000_000_000_000..10_000_000_000_000;

/// One line, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLine {
    /// When API Gateway received the request: both lines name the same moment.
    pub at: Moment,
    /// API Gateway's id of it.
    pub request_id: String,
    /// Upper case.
    pub method: String,
    /// What the line alone says.
    pub said: Said,
}

/// Who wrote the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// API Gateway: what was answered in the end, and to whom.
    Gateway(AtGateway),
    /// A function: who called, and about what.
    Function(AtFunction),
}

/// What API Gateway knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtGateway {
    /// The route's form; none for `$default`.
    pub route: Option<String>,
    /// What the client got.
    pub status: u16,
    /// Where it called from.
    pub address: Option<IpAddr>,
    /// How long it took, in milliseconds.
    pub millis: Option<u64>,
}

/// What the function knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtFunction {
    /// The route's form; none where it routes nothing.
    pub route: Option<String>,
    /// What it answered.
    pub status: u16,
    /// `ok`, or the refusal's code.
    pub code: Option<String>,
    /// `u:<user id>`, `t:<telegram id>`, `s:<service id>`, `telegram`; none where nobody was let in.
    pub caller: Option<String>,
    /// Whose family's things it was about; of several the first.
    pub family_id: Option<u64>,
    /// The others, where it was about several families'.
    pub more_family_ids: Vec<u64>,
    /// How long it took there, in milliseconds.
    pub millis: Option<u64>,
}

/// One request, of as many lines as have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When it was received.
    pub at: Moment,
    /// API Gateway's id of it.
    pub request_id: String,
    /// Upper case.
    pub method: String,
    /// API Gateway's line, where it has come.
    pub gateway: Option<AtGateway>,
    /// The function's line, where it has come; there is none where API Gateway answered by itself.
    pub function: Option<AtFunction>,
}

impl Access {
    /// What the client got: API Gateway's word counts, for it may have given up on the function.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let function = self.function.as_ref().map(|function| function.status);
        self.gateway.as_ref().map(|gateway| gateway.status).or(function)
    }

    /// The route's form; none where nothing is routed.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        let function = || self.function.as_ref().and_then(|function| function.route.as_deref());
        self.gateway.as_ref().and_then(|gateway| gateway.route.as_deref()).or_else(function)
    }

    /// Who called, as [`AtFunction::caller`].
    #[must_use]
    pub fn caller(&self) -> Option<&str> {
        self.function.as_ref().and_then(|function| function.caller.as_deref())
    }

    /// Where from.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.gateway.as_ref().and_then(|gateway| gateway.address)
    }

    /// How long the client waited, in milliseconds.
    #[must_use]
    pub fn millis(&self) -> Option<u64> {
        let function = || self.function.as_ref().and_then(|function| function.millis);
        self.gateway.as_ref().and_then(|gateway| gateway.millis).or_else(function)
    }
}

/// A line as it is written: API Gateway's values are all text, `-` where it has none.
#[derive(Deserialize)]
struct Raw {
    request_id: String,
    epoch_millis: Digits,
    method: String,
    route: Option<String>,
    status: Digits,
    millis: Option<Digits>,
    address: Option<String>,
    target: Option<String>,
    message: Option<String>,
    code: Option<String>,
    caller: Option<String>,
    family_id: Option<u64>,
    family_ids: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Digits {
    Number(i64),
    Text(String),
}

impl Digits {
    fn read<T: TryFrom<i64>>(&self) -> Option<T> {
        let number = match self {
            Self::Number(number) => *number,
            Self::Text(text) => text.parse().ok()?,
        };
        T::try_from(number).ok()
    }
}

/// Reads a line of API Gateway's access log (template.yaml, `AccessLogSettings`) or of a function's log; none for whatever else
/// is in a log. Only what is named above is taken from it.
#[must_use]
pub fn read_line(text: &str) -> Option<AccessLine> {
    let raw = raw(text)?;
    let millis = raw.epoch_millis.read::<i64>().filter(|millis| MOMENTS.contains(millis))?;
    let status = raw.status.read::<u16>().filter(|status| (100..600).contains(status))?;
    let duration = raw.millis.as_ref().and_then(Digits::read::<u64>);
    let said = match (&raw.address, raw.message.as_deref(), raw.target.as_deref()) {
        (Some(address), None, None) => Said::Gateway(AtGateway {
            route: raw.route.as_deref().and_then(|key| route(key.split_once(' ')?.1)),
            status,
            address: address.parse().ok(),
            millis: duration,
        }),
        (None, Some(REQUEST), Some(CORRIDOR)) => Said::Function(AtFunction {
            route: raw.route.as_deref().and_then(route),
            status,
            code: raw.code.as_deref().and_then(name),
            caller: raw.caller.as_deref().and_then(name),
            family_id: raw.family_id,
            more_family_ids: more(raw.family_id, raw.family_ids.as_deref().unwrap_or_default()),
            millis: duration,
        }),
        _ => return None,
    };
    Some(AccessLine {
        at: Moment::from_millis(millis),
        request_id: name(&raw.request_id)?,
        method: name(&raw.method)?.to_ascii_uppercase(),
        said,
    })
}

/// The families beside the first: no more than a person can be in.
fn more(first: Option<u64>, all: &str) -> Vec<u64> {
    let ids = all.split(',').filter_map(|id| id.parse().ok()).filter(|id| Some(*id) != first);
    ids.take(limits::FAMILIES_OF_PERSON).collect()
}

/// Where the last field breaks the line, the line is read without it.
fn raw(text: &str) -> Option<Raw> {
    serde_json::from_str(text).ok().or_else(|| {
        let rest = text.get(..text.find(UNESCAPED)?)?.trim_end().strip_suffix(',')?;
        serde_json::from_str(&format!("{rest}}}")).ok()
    })
}

/// A short word that no key is broken by.
fn name(text: &str) -> Option<String> {
    let fits = (1..=limits::ACCESS_NAME_CHARS).contains(&text.len());
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    (fits && plain).then(|| text.to_owned())
}

fn route(text: &str) -> Option<String> {
    (text.starts_with('/') && text.len() <= limits::ACCESS_ROUTE_CHARS).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATEWAY: &str = r#"{"request_id":"JKJaXmPLvHcESHA=","epoch_millis":"1795000000123","time":"18/Nov/2026:11:06:40 +0000", "address":"203.0.113.7", "method":"GET","route":"GET /api/v1/me","status":"200", "bytes":"80","millis":"12", "integration_error":"-"}"#;
    const FUNCTION: &str = r#"{"timestamp":"2026-11-18T11:06:40.135Z","level":"INFO","request_id":"JKJaXmPLvHcESHA=","epoch_millis":1795000000123,"method":"GET","route":"/api/v1/me","status":200,"code":"ok","caller":"u:7","family_id":41,"reason":"","millis":9,"message":"request","target":"countersign_edge::corridor"}"#;

    fn gateway(line: &str) -> Option<AtGateway> {
        match read_line(line)?.said {
            Said::Gateway(gateway) => Some(gateway),
            Said::Function(_) => None,
        }
    }

    #[test]
    fn both_lines_name_the_same_request() {
        let (gateway, function) = (read_line(GATEWAY).unwrap(), read_line(FUNCTION).unwrap());
        assert_eq!((gateway.at, &gateway.request_id), (function.at, &function.request_id));
        let (Said::Gateway(at_gateway), Said::Function(at_function)) = (gateway.said, function.said) else {
            panic!("one line of each")
        };
        assert_eq!(at_gateway.address.unwrap().to_string(), "203.0.113.7");
        let access = Access {
            at: gateway.at,
            request_id: gateway.request_id,
            method: gateway.method,
            gateway: Some(AtGateway { status: 503, ..at_gateway }),
            function: Some(at_function),
        };
        assert_eq!((access.status(), access.caller(), access.millis()), (Some(503), Some("u:7"), Some(12)));
        assert_eq!(access.route(), Some("/api/v1/me"));
    }

    #[test]
    fn text_of_others_does_not_lose_a_line() {
        let broken = GATEWAY.replace(r#""-""#, r#""it said "no"""#);
        assert_eq!(gateway(&broken), gateway(GATEWAY));
        assert!(gateway(GATEWAY).is_some());
    }

    #[test]
    fn what_api_gateway_answers_by_itself_has_no_route() {
        for key in ["$default", "-", "GET nonsense"] {
            assert_eq!(gateway(&GATEWAY.replace("GET /api/v1/me", key)).unwrap().route, None, "{key}");
        }
    }

    #[test]
    fn nothing_else_is_read() {
        for (line, part, other) in [
            (FUNCTION, "\"request\"", "\"another\""),
            (FUNCTION, "countersign_edge::corridor", "countersign_sign"),
            (FUNCTION, "1795000000123", "0"),
            (FUNCTION, "JKJaXmPLvHcESHA=", "a#b"),
            (FUNCTION, "JKJaXmPLvHcESHA=", ""),
            (GATEWAY, "\"200\"", "\"-\""),
            (GATEWAY, "1795000000123", "-"),
            (GATEWAY, "{", "["),
        ] {
            assert!(line.contains(part));
            assert_eq!(read_line(&line.replace(part, other)), None, "{part} → {other}");
        }
        assert_eq!(read_line("START RequestId: 1 Version: $LATEST"), None);
    }
}
