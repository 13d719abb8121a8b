//! What may stand behind a service's command: the words of the message, judged by the service's own JSON schema.
//!
//! The schema is about one array of strings, the words as they were written: `/deploy api 2` is `["api", "2"]`. It is
//! read as draft 2020-12, with `prefixItems`, `enum`, `pattern`, `minItems` and the rest; nothing is fetched for it.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use crate::{Refusal, limits};

/// The words behind a command, as the schema judges them.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Keywords that a schema does without. References lead round in circles or unfold without end, and `unevaluated…` judges
/// what lies below it again at each level: a few lines of either keep a processor busy for ever.
const WITHOUT_END: &[&str] = &["$ref", "$dynamicRef", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties"];
/// The largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 256 * 1024;

/// Checks that a schema can be used.
///
/// # Errors
/// 400 where it is too long, no schema, or holds a keyword that it must do without.
pub fn check_schema(schema: &Value) -> Result<(), Refusal> {
    if schema.to_string().len() > limits::COMMAND_SCHEMA_BYTES {
        let most = limits::COMMAND_SCHEMA_BYTES;
        return Err(Refusal::invalid(format!("arguments_schema is longer than {most} bytes")));
    }
    if let Some(keyword) = without_end(schema) {
        return Err(Refusal::invalid(format!("arguments_schema must do without {keyword}")));
    }
    validator(schema).map(|_| ()).map_err(|why| Refusal::invalid(format!("arguments_schema is of no use: {why}")))
}

fn without_end(schema: &Value) -> Option<&'static str> {
    match schema {
        Value::Object(members) => {
            let named = WITHOUT_END.iter().find(|keyword| members.contains_key(**keyword)).copied();
            named.or_else(|| members.values().find_map(without_end))
        }
        Value::Array(items) => items.iter().find_map(without_end),
        _ => None,
    }
}

/// Judges the words of a message.
///
/// # Errors
/// What is wrong with them, without the words themselves; also where the schema is of no use.
pub fn judge(schema: &Value, words: &[String]) -> Result<(), String> {
    let words = Value::from(words.to_vec());
    if let Some(keyword) = without_end(schema) {
        return Err(format!("the schema holds {keyword}"));
    }
    validator(schema)?.validate(&words).map_err(|error| error.masked().to_string())
}

/// Patterns run in time that grows with the text alone: a schema is somebody else's.
fn validator(schema: &Value) -> Result<Validator, String> {
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES));
    options.build(schema).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deploy() -> Value {
        json!({
            "type": "array", "minItems": 1, "maxItems": 2,
            "prefixItems": [{ "enum": ["api", "web"] }, { "pattern": "^[0-9]+$" }],
        })
    }

    #[test]
    fn words_are_judged() {
        assert!(check_schema(&deploy()).is_ok());
        let judge = |text: &str| judge(&deploy(), &words(text));
        assert!(judge("api").is_ok());
        assert!(judge(" web   12 ").is_ok());
        for bad in ["", "db", "api x", "api 1 2"] {
            assert!(judge(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_schema_stands_alone() {
        for bad in [
            json!({ "type": 7 }),
            json!({ "$ref": "https://example.org/schema.json" }),
            json!({ "$ref": "file:///etc/passwd" }),
            json!({ "items": { "pattern": "(" } }),
            json!({ "description": "x".repeat(limits::COMMAND_SCHEMA_BYTES) }),
        ] {
            assert!(check_schema(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_schema_comes_to_an_end() {
        let unfolding = json!({
            "$ref": "#/$defs/a",
            "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/b" }, { "$ref": "#/$defs/b" }] }, "b": true },
        });
        let nested = (0..60).fold(json!(true), |inner, _| json!({ "allOf": [inner], "unevaluatedItems": false }));
        for bad in [json!({ "$ref": "#" }), json!({ "items": { "$dynamicRef": "#" } }), unfolding, nested] {
            let refusal = check_schema(&bad).unwrap_err();
            assert!(refusal.public.contains("must do without"), "{refusal}");
            assert!(judge(&bad, &words("a")).is_err(), "{bad}");
        }
        assert!(check_schema(&json!({ "items": { "pattern": "(\\w{100}){100}" } })).is_err());
    }

    #[test]
    fn what_is_wrong_does_not_repeat_the_words() {
        let why = judge(&deploy(), &words("hunter2")).unwrap_err();
        assert!(!why.contains("hunter2"), "{why}");
    }

    #[test]
    fn a_pattern_does_not_run_away() {
        let schema = json!({ "items": { "pattern": "^(a+)+$" } });
        assert!(judge(&schema, &[format!("{}!", "a".repeat(2000))]).is_err());
    }
}
