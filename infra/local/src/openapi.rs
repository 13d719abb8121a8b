//! The OpenAPI document, made from the routers of all functions. infra/openapi.json is its copy; a test compares them.

use utoipa::openapi::{
    Content, Info, License, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, ResponseBuilder, ServerBuilder,
    path::Operation,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

const JSON: &str = "application/json";
/// The media type of errors.
const PROBLEM: &str = "application/problem+json";

/// What the document says of the API as a whole.
const DESCRIPTION: &str = "The back end for Telegram products that touch money and keys. Errors are application/problem+json \
    (RFC 9457) and always have `error`. State-changing requests take `Idempotency-Key`.";

/// The document, ready to be written to infra/openapi.json.
#[must_use]
pub fn document() -> String {
    let mut document = base();
    document.merge(countersign_auth::openapi());
    document.merge(countersign_keys::openapi());
    document.merge(countersign_money::openapi());
    document.merge(countersign_money::reports::openapi());
    document.merge(countersign_oauth_door::openapi());
    document.merge(countersign_services::openapi());
    document.merge(countersign_sign::openapi());
    document.merge(countersign_telegram_bot::openapi());
    secure(&mut document);
    problems(&mut document);
    name(&mut document);
    document.to_pretty_json().unwrap_or_default()
}

fn base() -> OpenApi {
    let mut info = Info::new("Countersign", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.into());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".into());
    info.license = Some(license);
    OpenApiBuilder::new().info(info).servers(Some([ServerBuilder::new().url("/").build()])).build()
}

fn secure(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    let runner = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let runner = runner.description(Some("Of one bot's runner, as `POST /bots/{id}/runner-tokens` gives it")).build();
    let header =
        |name: &str, words: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, words)));
    let schemes = [
        ("access_token", SecurityScheme::Http(bearer.description(Some("HS256, 15 minutes")).build())),
        ("launch_data", header("Authorization", "`tma <initData>` of Telegram's mini-app, at most an hour old")),
        ("service_key", header("X-Api-Key", "Shown once when the service is made")),
        ("runner_token", SecurityScheme::Http(runner)),
        ("telegram", header("X-Telegram-Bot-Api-Secret-Token", "As it was given to `setWebhook`")),
        (
            "signed_request",
            header(
                "X-Signature",
                "Hex HMAC-SHA256 over METHOD:ENDPOINT:TIMESTAMP:BODY_HASH, with X-Client-Id and X-Timestamp; good once",
            ),
        ),
    ];
    components.security_schemes.extend(schemes.map(|(name, scheme)| (name.to_owned(), scheme.into())));
}

/// An answer that any route of a kind may give, and that is not written at each.
struct Common {
    status: &'static str,
    /// Under which it is found in the document.
    name: &'static str,
    words: &'static str,
    of: fn(&Operation) -> bool,
}

const COMMON: [Common; 6] = [
    common("409", "StillRunning", "A request with this Idempotency-Key is still running", takes_key),
    common("413", "TooLarge", "The body is over 256 KiB", takes_body),
    common("415", "UnsupportedMedia", "The body is not JSON", takes_json),
    common("422", "KeyReused", "The Idempotency-Key was used with another body", takes_key),
    common("429", "Throttled", "Too many requests; `Retry-After` says when to come again", |_| true),
    common(
        "503",
        "Unavailable",
        "Something that is needed is not there now; `Retry-After` says when to come again",
        |_| true,
    ),
];

const fn common(status: &'static str, name: &'static str, words: &'static str, of: fn(&Operation) -> bool) -> Common {
    Common { status, name, words, of }
}

fn takes_key(operation: &Operation) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|known| matches!(known, RefOr::T(known) if known.name == "Idempotency-Key"))
}

fn takes_body(operation: &Operation) -> bool {
    operation.request_body.is_some()
}

fn takes_json(operation: &Operation) -> bool {
    matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.keys().all(|kind| kind == JSON))
}

/// Errors are of their own media type (RFC 9457, section 3), and every route has those of its kind.
fn problems(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    for Common { name, words, .. } in COMMON {
        let content = Content::new(Some(Ref::from_schema_name("ProblemDocument")));
        let response = ResponseBuilder::new().description(words).content(PROBLEM, content).build();
        components.responses.insert(name.to_owned(), response.into());
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let common: Vec<_> = COMMON.iter().filter(|common| (common.of)(operation)).collect();
        let responses = &mut operation.responses.responses;
        for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
            if let RefOr::T(response) = response
                && let Some(body) = response.content.shift_remove(JSON)
            {
                response.content.insert(PROBLEM.to_owned(), body);
            }
        }
        for common in common {
            let shared = || Ref::from_response_name(common.name).into();
            responses.entry(common.status.to_owned()).or_insert_with(shared);
        }
    }
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    named_operations(path).map(|(_, operation)| operation)
}

fn named_operations(path: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let methods = [
        ("get", &mut path.get),
        ("put", &mut path.put),
        ("post", &mut path.post),
        ("delete", &mut path.delete),
        ("patch", &mut path.patch),
    ];
    methods.into_iter().filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// An operation's id is unique in a document; handlers of several functions have the same names.
fn name(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words: Vec<_> =
            path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for (method, operation) in named_operations(item) {
            operation.operation_id = Some(format!("{method}_{}", words.join("_")));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_errors_are_problems_everywhere() {
        let document: serde_json::Value = serde_json::from_str(&super::document()).unwrap();
        let operations = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
        let (mut seen, mut ids) = (0, BTreeSet::new());
        for (method, operation) in operations {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "twice: {}", operation["operationId"]);
            let responses = operation["responses"].as_object().unwrap();
            for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
                let shared = response["$ref"].as_str().map(|at| &document["components"]["responses"][&at[23..]]);
                let content = shared.unwrap_or(response)["content"].as_object();
                let kinds: Vec<_> = content.into_iter().flatten().map(|(kind, _)| kind.as_str()).collect();
                assert!(
                    kinds.is_empty() || kinds == [super::PROBLEM] || kinds.contains(&"text/html"),
                    "{status}: {kinds:?}"
                );
                seen += 1;
            }
            let told = |status: &str| responses.contains_key(status);
            assert!(told("429") && told("503"), "{method} {operation}");
            assert_eq!(operation.get("requestBody").is_some(), told("413"), "{method} {operation}");
        }
        assert!(seen > 500, "{seen}");
    }

    #[test]
    fn the_copy_is_what_the_code_says() {
        let copy = include_str!("../../openapi.json");
        assert!(
            copy.trim_end() == super::document().trim_end(),
            "infra/openapi.json is stale: cargo run -- openapi > infra/openapi.json"
        );
    }
}
