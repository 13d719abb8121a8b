//! Reads CloudFormation's YAML: references become text in the notation of `!Sub`, so that rules compare plain values.

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

use crate::house;

/// The file's path from the root.
pub(crate) const FILE: &str = "template.yaml";

/// A template, its references as text: `!Ref A` is `${A}`, `!GetAtt A.B` is `${A.B}`, `!Sub text` is the text.
pub(crate) struct Template {
    text: String,
    value: Value,
}

/// A function, with what `Globals` gives it.
pub(crate) struct Function<'a> {
    /// Logical id.
    pub(crate) id: &'a str,
    /// Its properties, on top of those of `Globals`.
    pub(crate) properties: Map<String, Value>,
    /// `Metadata`.
    pub(crate) metadata: &'a Value,
}

impl Template {
    /// The template of the house.
    pub(crate) fn of_house() -> Self {
        Self::parse(house::text(FILE))
    }

    /// Any template.
    pub(crate) fn parse(text: String) -> Self {
        let yaml: Yaml = serde_norway::from_str(&text).unwrap();
        let value = plain(&yaml);
        Self { text, value }
    }

    /// The line on which a resource begins.
    pub(crate) fn line(&self, id: &str) -> usize {
        house::line_of(&self.text, |line| line.trim_end() == format!("  {id}:"))
    }

    /// Resources of a type: logical id and the whole resource.
    pub(crate) fn resources<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.value["Resources"].as_object().unwrap();
        resources
            .iter()
            .filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), resource))
    }

    /// Every resource's id and type.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&str, &str)> {
        let resources = self.value["Resources"].as_object().unwrap();
        resources.iter().map(|(id, resource)| (id.as_str(), resource["Type"].as_str().unwrap()))
    }

    /// A resource; null where there is none.
    pub(crate) fn resource(&self, id: &str) -> &Value {
        &self.value["Resources"][id]
    }

    /// Every function.
    pub(crate) fn functions(&self) -> Vec<Function<'_>> {
        let globals = self.value["Globals"]["Function"].as_object().cloned().unwrap_or_default();
        let function = |(id, resource): (_, &'_ Value)| {
            let mut properties = Value::Object(globals.clone());
            lay_over(&mut properties, &resource["Properties"]);
            (id, properties.as_object().cloned().unwrap_or_default())
        };
        self.resources("AWS::Serverless::Function")
            .map(|(id, resource)| (function((id, resource)), &resource["Metadata"]))
            .map(|((id, properties), metadata)| Function { id, properties, metadata })
            .collect()
    }
}

impl Function<'_> {
    /// Names of its environment variables.
    pub(crate) fn variables(&self) -> Vec<String> {
        let variables = self.properties.get("Environment").and_then(|environment| environment["Variables"].as_object());
        variables.into_iter().flatten().map(|(name, _)| name.clone()).collect()
    }
}

/// Maps are merged as SAM merges `Globals`; anything else is replaced.
fn lay_over(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                lay_over(below.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}

/// A value that may be one or many, as CloudFormation allows in many places.
pub(crate) fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}

/// The logical id that `${Id}` or `${Id.Attribute}` refers to.
pub(crate) fn referred(value: &Value) -> Option<&str> {
    let inner = value.as_str()?.strip_prefix("${")?.strip_suffix('}')?;
    inner.split('.').next()
}

fn plain(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => intrinsic(&function_name(&tagged.tag.to_string()), plain(&tagged.value)),
        Yaml::Mapping(mapping) => {
            let map: Map<_, _> =
                mapping.iter().map(|(key, value)| (key.as_str().unwrap().to_owned(), plain(value))).collect();
            match map.iter().next() {
                Some((key, value)) if map.len() == 1 && (key == "Ref" || key.starts_with("Fn::")) => {
                    intrinsic(key, value.clone())
                }
                _ => Value::Object(map),
            }
        }
        Yaml::Sequence(values) => values.iter().map(plain).collect(),
        scalar => serde_json::to_value(scalar).unwrap(),
    }
}

fn function_name(tag: &str) -> String {
    match tag.trim_start_matches('!') {
        "Ref" => "Ref".to_owned(),
        name => format!("Fn::{name}"),
    }
}

fn intrinsic(name: &str, value: Value) -> Value {
    match (name, &value) {
        ("Ref" | "Fn::GetAtt", Value::String(target)) => json!(format!("${{{target}}}")),
        ("Fn::GetAtt", Value::Array(parts)) => {
            let parts: Vec<_> = parts.iter().filter_map(Value::as_str).collect();
            json!(format!("${{{}}}", parts.join(".")))
        }
        ("Fn::Sub", Value::String(_)) => value,
        _ => json!({ name: value }),
    }
}

#[test]
fn references_become_text() {
    let text = "Resources:\n  A:\n    Type: T\n    Properties:\n      B: !Ref X\n      C: !GetAtt X.Arn\n      \
                D: !Sub '${X.Arn}/*'\n      E: {Ref: X}\n      F: {'Fn::GetAtt': [X, Arn]}\n      G: !If [Q, 1, 2]\n";
    let template = Template::parse(text.to_owned());
    let wanted = json!({"B": "${X}", "C": "${X.Arn}", "D": "${X.Arn}/*", "E": "${X}", "F": "${X.Arn}",
                        "G": {"Fn::If": ["Q", 1, 2]}});
    assert_eq!(template.resource("A")["Properties"], wanted);
    assert_eq!(template.line("A"), 2);
    assert_eq!(referred(&json!("${X.Arn}")), Some("X"));
}
