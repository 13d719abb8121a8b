//! Events as AWS documents them: API Gateway's HTTP API (payload format 2.0) and an EventBridge schedule.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use url::form_urlencoded;
use uuid::Uuid;

const DOMAIN: &str = "api-id.execute-api.us-east-1.amazonaws.com";
const ACCOUNT: &str = "123456789012";

/// The event of one HTTP request. `target` is the path and, where there is one, `?` and the raw query.
///
/// Names are lower-cased, repeated headers joined by commas, cookies kept apart, and a body that is no text by its
/// content type is base64, as the real gateway does it.
#[must_use]
pub fn api_event(method: &str, target: &str, headers: &[(String, String)], body: &[u8]) -> Value {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (mut shown, cookies) = joined(headers);
    front_headers(&mut shown, body);
    let context = context(method, path, shown.get("user-agent").map_or("", String::as_str));
    let mut event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": shown, "requestContext": context, "isBase64Encoded": false,
    });
    let mut more = Map::new();
    if !cookies.is_empty() {
        more.insert("cookies".into(), cookies.into());
    }
    if !query.is_empty() {
        more.insert("queryStringParameters".into(), json!(parameters(query)));
    }
    if !body.is_empty() {
        let text = std::str::from_utf8(body).ok().filter(|_| is_text(shown.get("content-type")));
        more.insert("isBase64Encoded".into(), text.is_none().into());
        more.insert("body".into(), text.map_or_else(|| BASE64_STANDARD.encode(body), str::to_owned).into());
    }
    if let Some(fields) = event.as_object_mut() {
        fields.append(&mut more);
    }
    event
}

/// The same event with its body in base64, as clients of other content types cause it.
#[must_use]
pub fn encoded(mut event: Value) -> Value {
    let plain = event.get("isBase64Encoded") == Some(&Value::Bool(false));
    if let Some(body) =
        event.get("body").and_then(Value::as_str).filter(|_| plain).map(|body| BASE64_STANDARD.encode(body))
        && let Some(fields) = event.as_object_mut()
    {
        fields.insert("body".into(), body.into());
        fields.insert("isBase64Encoded".into(), true.into());
    }
    event
}

/// The id by which API Gateway knows the request of an event.
#[must_use]
pub fn request_id(event: &Value) -> String {
    event.pointer("/requestContext/requestId").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The event of an EventBridge schedule.
#[must_use]
pub fn schedule_event() -> Value {
    let now = OffsetDateTime::now_utc();
    let time = format!("{}T{:02}:{:02}:{:02}Z", now.date(), now.hour(), now.minute(), now.second());
    json!({
        "version": "0", "id": Uuid::new_v4().to_string(), "detail-type": "Scheduled Event", "source": "aws.events",
        "account": ACCOUNT, "time": time, "region": "us-east-1",
        "resources": [format!("arn:aws:events:us-east-1:{ACCOUNT}:rule/sweep")], "detail": {},
    })
}

/// Unix seconds, now.
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Headers by lower-cased name, and the cookies.
fn joined(headers: &[(String, String)]) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut shown, mut cookies) = (BTreeMap::<String, String>::new(), Vec::new());
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        if name == "cookie" {
            cookies.extend(value.split("; ").map(str::to_owned));
            continue;
        }
        shown.entry(name).and_modify(|known| *known = format!("{known},{value}")).or_insert_with(|| value.clone());
    }
    (shown, cookies)
}

/// What the gateway adds.
fn front_headers(shown: &mut BTreeMap<String, String>, body: &[u8]) {
    let added = [
        ("host", DOMAIN.to_owned()),
        ("content-length", body.len().to_string()),
        (
            "x-amzn-trace-id",
            format!("Root=1-{:08x}-{}", unix_seconds(), &Uuid::new_v4().simple().to_string().split_off(8)),
        ),
        ("x-forwarded-for", "192.0.2.7".to_owned()),
        ("x-forwarded-port", "443".to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
        ("user-agent", "countersign-testkit".to_owned()),
        ("accept", "*/*".to_owned()),
    ];
    for (name, value) in added {
        shown.entry(name.to_owned()).or_insert(value);
    }
}

fn context(method: &str, path: &str, user_agent: &str) -> Value {
    let now = OffsetDateTime::now_utc();
    let month = now.month().to_string().chars().take(3).collect::<String>();
    let (day, year, hour, minute, second) = (now.day(), now.year(), now.hour(), now.minute(), now.second());
    let id: Vec<u8> = Uuid::new_v4().as_bytes().iter().copied().take(11).collect();
    json!({
        "accountId": ACCOUNT, "apiId": "api-id", "domainName": DOMAIN, "domainPrefix": "api-id",
        "http": {
            "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": user_agent,
        },
        "requestId": BASE64_STANDARD.encode(id), "routeKey": "$default", "stage": "$default",
        "time": format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000"),
        "timeEpoch": u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default(),
    })
}

/// Decoded, repeated names joined by commas.
fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let known = parameters.entry(name.into_owned());
        known.and_modify(|known| *known = format!("{known},{value}")).or_insert_with(|| value.into_owned());
    }
    parameters
}

fn is_text(content_type: Option<&String>) -> bool {
    let essence = content_type.map_or("", |form| form.split(';').next().unwrap_or_default().trim());
    essence.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&essence)
        || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_event_is_as_documented() {
        let given =
            headers(&[("Content-Type", "application/json"), ("X-A", "1"), ("x-a", "2"), ("Cookie", "c1=a; c2=b")]);
        let event = api_event("POST", "/my/path?p=v1&p=v2&q=%20", &given, b"{\"a\":1}");
        assert_eq!(event["version"], "2.0");
        assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!("/my/path"), &json!("p=v1&p=v2&q=%20")));
        assert_eq!(event["headers"]["x-a"], "1,2");
        assert_eq!(event["headers"]["content-length"], "7");
        assert_eq!(event["cookies"], json!(["c1=a", "c2=b"]));
        assert!(event["headers"].get("cookie").is_none());
        assert_eq!(event["queryStringParameters"], json!({ "p": "v1,v2", "q": " " }));
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{\"a\":1}"), &json!(false)));
        let context = &event["requestContext"];
        assert_eq!((&context["stage"], &context["http"]["method"]), (&json!("$default"), &json!("POST")));
        assert_eq!(request_id(&event).len(), 16);
        assert!(context["timeEpoch"].as_u64().unwrap() > 1_600_000_000_000);
        let coded = encoded(event);
        assert_eq!((&coded["body"], &coded["isBase64Encoded"]), (&json!("eyJhIjoxfQ=="), &json!(true)));
        assert_eq!(encoded(coded.clone()), coded);
    }

    #[test]
    fn what_is_no_text_is_encoded() {
        let event = api_event("POST", "/a", &headers(&[("content-type", "application/octet-stream")]), b"abc");
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("YWJj"), &json!(true)));
        let event = api_event("GET", "/a", &[], b"");
        assert!(event.get("body").is_none() && event.get("queryStringParameters").is_none());
    }
}
