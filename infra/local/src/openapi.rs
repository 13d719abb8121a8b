//! The OpenAPI document, made from the routers of all functions. infra/openapi.json is its copy; a test compares them.

use utoipa::openapi::{
    Info, License, OpenApi, OpenApiBuilder, ServerBuilder,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// What the document says of the API as a whole.
const DESCRIPTION: &str = "Signs Stellar transactions for Telegram users. Errors are application/problem+json \
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_copy_is_what_the_code_says() {
        let copy = include_str!("../../openapi.json");
        assert!(
            copy.trim_end() == super::document().trim_end(),
            "infra/openapi.json is stale: cargo run -- openapi > infra/openapi.json"
        );
    }
}
