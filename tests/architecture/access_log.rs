//! The access log is whole: its function is subscribed to API Gateway's log and to that of every function behind it.

use std::collections::BTreeSet;

use countersign_core::access::{Said, read_line};
use serde_json::Value;

use crate::template::{self, FILE, Function, Template, many};

const READER: &str = "AccessLogFunction";

fn events<'a>(function: &'a Function<'_>, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let events = function.properties.get("Events").map(many).unwrap_or_default();
    let events = events.into_iter().filter_map(Value::as_object).flat_map(|events| events.values());
    events.filter(move |event| event["Type"] == kind).map(|event| &event["Properties"])
}

/// Log group and filter of each subscription.
fn subscribed(template: &Template) -> BTreeSet<(String, String)> {
    let functions = template.functions();
    let reader = functions.iter().find(|function| function.id == READER).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    events(reader, "CloudWatchLogs")
        .map(|event| (template::referred(&event["LogGroupName"]).unwrap().to_owned(), text(&event["FilterPattern"])))
        .collect()
}

/// Log groups that should be: API Gateway's, all of it, and of each function behind it the corridor's line.
fn wanted(template: &Template) -> BTreeSet<(String, String)> {
    let corridor =
        format!("{{ ($.message = \"request\") && ($.target = \"{}\") }}", countersign_edge::corridor::TARGET);
    let functions = template.functions();
    let behind = functions.iter().filter(|function| events(function, "HttpApi").next().is_some());
    let group = |function: &Function<'_>| {
        template::referred(&function.properties["LoggingConfig"]["LogGroup"]).unwrap().to_owned()
    };
    let mut wanted: BTreeSet<_> = behind.map(|function| (group(function), corridor.clone())).collect();
    let api = template.resource("Api")["Properties"]["AccessLogSettings"]["DestinationArn"].clone();
    wanted.insert((template::referred(&api).unwrap().to_owned(), String::new()));
    wanted
}

#[test]
fn every_function_behind_the_api_is_subscribed_to() {
    let template = Template::of_house();
    assert_eq!(
        subscribed(&template),
        wanted(&template),
        "{FILE}: log group and filter of {READER}'s events, and those wanted"
    );
}

#[test]
fn the_format_of_the_gateway_is_what_the_access_log_reads() {
    let template = Template::of_house();
    let format = template.resource("Api")["Properties"]["AccessLogSettings"]["Format"].as_str().unwrap().to_owned();
    assert!(!format.contains('\n'), "API Gateway takes one line");
    for asked in ["$context.path", "header", "querystring", "$context.authorizer"] {
        assert!(!format.contains(asked), "{asked} may carry a credential");
    }
    let line = [
        ("$context.requestId", "JKJaXmPLvHcESHA="),
        ("$context.requestTimeEpoch", "1795000000123"),
        ("$context.requestTime", "18/Nov/2026:11:06:40 +0000"),
        ("$context.identity.sourceIp", "203.0.113.7"),
        ("$context.httpMethod", "GET"),
        ("$context.routeKey", "GET /api/v1/me"),
        ("$context.status", "200"),
        ("$context.responseLength", "80"),
        ("$context.responseLatency", "12"),
        ("$context.integrationErrorMessage", "it said \"no\""),
    ]
    .iter()
    .fold(format, |line, (name, value)| line.replace(name, value));
    assert!(!line.contains("$context"), "{line}");
    let Some(Said::Gateway(said)) = read_line(&line).map(|line| line.said) else { panic!("not read: {line}") };
    assert_eq!((said.status, said.route.as_deref(), said.millis), (200, Some("/api/v1/me"), Some(12)));
    assert!(said.address.is_some());
}
