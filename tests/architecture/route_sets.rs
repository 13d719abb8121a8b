//! One set of routes: template.yaml, infra/permissions.yaml and the OpenAPI document name the same.

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::{
    bot::BotCommand,
    family::{FamilyRole, Permission},
    messaging::TaskType,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    house::{self, Violations},
    template::{self, Template},
};

const PERMISSIONS: &str = "infra/permissions.yaml";
const OPENAPI: &str = "infra/openapi.json";

/// Whatever no other route takes: it answers 404 and 405, and is nobody's to grant or document.
const DEFAULT: &str = "$default";
/// The documentation's own pages are not documented.
const NOT_DOCUMENTED: &[&str] = &["GET /docs", "GET /docs/{asset+}", "GET /openapi.json"];

/// infra/permissions.yaml, as its first lines describe it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Permissions {
    public: BTreeSet<String>,
    #[serde(default)]
    telegram: BTreeSet<String>,
    #[serde(default)]
    runners: BTreeSet<String>,
    outside_tokens: BTreeSet<String>,
    people: BTreeMap<String, Role>,
    services: BTreeMap<String, Role>,
    #[serde(default)]
    families: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Role {
    inherits: Option<String>,
    endpoints: BTreeSet<String>,
    deny: BTreeSet<String>,
    acts_for_people: bool,
    /// What it opens is tried over HTTP.
    #[allow(dead_code, reason = "a role may have it")]
    acts_for_clients: bool,
    task_types: BTreeSet<String>,
    telegram_commands: BTreeSet<String>,
}

impl Permissions {
    fn roles(&self) -> impl Iterator<Item = (&BTreeMap<String, Role>, &String, &Role)> {
        [&self.people, &self.services]
            .into_iter()
            .flat_map(|list| list.iter().map(move |(name, role)| (list, name, role)))
    }

    /// Every endpoint that it names, granted or denied.
    fn named(&self) -> BTreeSet<&String> {
        let of_roles = self.roles().flat_map(|(_, _, role)| role.endpoints.iter().chain(&role.deny));
        let others = self.telegram.iter().chain(&self.runners).chain(&self.outside_tokens);
        self.public.iter().chain(others).chain(of_roles).collect()
    }

    /// Every endpoint that it opens to somebody.
    fn granted(&self) -> BTreeSet<&String> {
        let others = self.telegram.iter().chain(&self.runners);
        self.public.iter().chain(others).chain(self.roles().flat_map(|(_, _, role)| &role.endpoints)).collect()
    }
}

/// Routes of every function: `METHOD /path`, or `$default`.
fn deployed(template: &Template, broken: &mut Violations) -> BTreeSet<String> {
    let mut homes: BTreeMap<String, String> = BTreeMap::new();
    for function in template.functions() {
        let events = function.properties.get("Events").and_then(Value::as_object);
        for event in events.into_iter().flat_map(|events| events.values()).filter(|event| event["Type"] == "HttpApi") {
            let properties = &event["Properties"];
            let route = match (properties["Method"].as_str(), properties["Path"].as_str()) {
                (Some(method), Some(path)) => format!("{} {path}", method.to_uppercase()),
                _ => DEFAULT.to_owned(),
            };
            if let Some(other) = homes.insert(route.clone(), function.id.to_owned()) {
                let line = template.line(function.id);
                broken.add(template::FILE, line, format!("{route} is {other}'s and {}'s", function.id));
            }
        }
    }
    homes.into_keys().collect()
}

fn documented(openapi: &Value) -> BTreeSet<String> {
    const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let paths = openapi["paths"].as_object().into_iter().flatten();
    let pairs = paths.flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(key, _)| (path, key)));
    pairs
        .filter(|(_, key)| METHODS.contains(&key.as_str()))
        .map(|(path, method)| format!("{} {path}", method.to_uppercase()))
        .collect()
}

fn compare_permissions(routes: &BTreeSet<String>, text: &str, broken: &mut Violations) {
    let permissions: Permissions =
        serde_norway::from_str(text).unwrap_or_else(|error| panic!("{PERMISSIONS}: {error}"));
    let line =
        |endpoint: &str| house::line_of(text, |line| line.trim_start().trim_start_matches("- ").trim() == endpoint);
    for endpoint in permissions.named().into_iter().filter(|endpoint| !routes.contains(*endpoint)) {
        broken.add(PERMISSIONS, line(endpoint), format!("{endpoint} is no route of template.yaml"));
    }
    let granted = permissions.granted();
    for route in routes.iter().filter(|route| *route != DEFAULT && !granted.contains(route)) {
        broken.add(PERMISSIONS, 1, format!("{route} is opened to nobody"));
    }
    for (list, name, role) in permissions.roles() {
        let at = line(&format!("{name}:"));
        if role.inherits.as_ref().is_some_and(|parent| !list.contains_key(parent)) {
            broken.add(PERMISSIONS, at, format!("{name} inherits from an unknown role"));
        }
        if role.acts_for_people && !permissions.services.contains_key(name) {
            broken.add(PERMISSIONS, at, format!("{name}: only a service acts for people"));
        }
        compare_words(name, at, role, broken);
    }
    for (name, granted) in &permissions.families {
        let at = line(&format!("{name}:"));
        if !FamilyRole::ALL.iter().any(|role| role.as_str() == name) {
            broken.add(PERMISSIONS, at, format!("{name} is an unknown role in a family"));
        }
        let known = |word: &str| Permission::ALL.iter().any(|permission| permission.as_str() == word);
        for word in granted.iter().filter(|word| !known(word)) {
            broken.add(PERMISSIONS, at, format!("{name}: {word} is an unknown family permission"));
        }
    }
}

fn compare_words(name: &str, line: usize, role: &Role, broken: &mut Violations) {
    let types: Vec<_> = TaskType::ALL.iter().map(|task_type| task_type.as_str()).collect();
    let commands: Vec<_> = BotCommand::ALL.iter().map(|command| command.name()).collect();
    for (given, known, kind) in
        [(&role.task_types, types.as_slice(), "task type"), (&role.telegram_commands, commands.as_slice(), "command")]
    {
        for word in given.iter().filter(|word| !known.contains(&word.as_str())) {
            broken.add(PERMISSIONS, line, format!("{name}: {word} is an unknown {kind}"));
        }
    }
}

fn compare_document(routes: &BTreeSet<String>, text: &str, broken: &mut Violations) {
    let openapi: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{OPENAPI}: {error}"));
    let documented = documented(&openapi);
    for route in documented.difference(routes) {
        broken.add(OPENAPI, 1, format!("{route} is no route of template.yaml"));
    }
    let left_out = |route: &str| route == DEFAULT || NOT_DOCUMENTED.contains(&route);
    for route in routes.difference(&documented).filter(|route| !left_out(route)) {
        broken.add(OPENAPI, 1, format!("{route} is not documented"));
    }
}

#[test]
fn permissions_name_the_deployed_routes() {
    let mut broken = Violations::default();
    let routes = deployed(&Template::of_house(), &mut broken);
    assert!(routes.contains(DEFAULT), "unknown routes need an answer: an HttpApi event without path and method");
    compare_permissions(&routes, &house::text(PERMISSIONS), &mut broken);
    broken.none();
}

#[test]
fn the_document_names_the_deployed_routes() {
    let mut broken = Violations::default();
    let routes = deployed(&Template::of_house(), &mut broken);
    compare_document(&routes, &house::text(OPENAPI), &mut broken);
    broken.none();
}

/// The comparison on sets that differ.
mod samples {
    use super::*;

    fn set(routes: &[&str]) -> BTreeSet<String> {
        routes.iter().map(|route| (*route).to_owned()).collect()
    }

    #[test]
    fn a_route_of_two_functions() {
        let event = "{Type: HttpApi, Properties: {Method: get, Path: /a}}";
        let template = Template::parse(format!(
            "Resources:\n  F: {{Type: 'AWS::Serverless::Function', Properties: {{Events: {{A: {event}}}}}}}\n  G: {{Type: \
             'AWS::Serverless::Function', Properties: {{Events: {{A: {event}, B: {{Type: HttpApi, Properties: {{}}}}}}}}}}\n"
        ));
        let mut broken = Violations::default();
        assert_eq!(deployed(&template, &mut broken), set(&["GET /a", DEFAULT]));
        broken.only("GET /a is F's and G's");
    }

    #[test]
    fn permissions_that_differ() {
        let check = |routes: &[&str], text: &str| {
            let mut broken = Violations::default();
            compare_permissions(&set(routes), text, &mut broken);
            broken
        };
        let file = "public:\n  - GET /a\noutside_tokens: []\npeople:\n  user:\n    deny: [GET /a]\nservices: {}\n";
        check(&["GET /a", DEFAULT], file).none();
        check(&["GET /a", "GET /b"], file).only("GET /b is opened to nobody");
        check(&[], file).only("infra/permissions.yaml:2: GET /a is no route");
        check(&["GET /a"], &file.replace("deny: [GET /a]", "inherits: nobody")).only("unknown role");
        check(&["GET /a"], &file.replace("deny: [GET /a]", "acts_for_people: true")).only("only a service");
        check(&["GET /a"], &file.replace("deny: [GET /a]", "task_types: [fly]")).only("fly is an unknown task type");
        let families = |families: &str| check(&["GET /a"], &format!("{file}families: {{ {families} }}\n"));
        families("owner: [see]").none();
        families("owner: [fly]").only("fly is an unknown family permission");
        families("aunt: [see]").only("aunt is an unknown role in a family");
    }

    #[test]
    fn a_document_that_differs() {
        let check = |routes: &[&str]| {
            let mut broken = Violations::default();
            compare_document(&set(routes), r#"{"paths": {"/a": {"get": {}, "parameters": []}}}"#, &mut broken);
            broken
        };
        check(&["GET /a", DEFAULT, "GET /docs"]).none();
        check(&["GET /a", "POST /a"]).only("POST /a is not documented");
        check(&[]).only("GET /a is no route");
    }
}
