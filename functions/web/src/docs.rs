//! `GET /openapi.json` and `GET /docs`: the document made from the code, and a page that needs nothing from elsewhere.
//!
//! Above the document the page explains each kind of problem: the `type` of an error is the address of its paragraph.

use std::sync::Arc;

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use countersign_core::{Refusal, RefusalKind};
use countersign_edge::{PathText, Problem};
use utoipa_swagger_ui::{Config, SwaggerFile};

/// The document that a test makes from the routers of all functions and compares with this file.
pub(crate) const OPENAPI: &str = include_str!("../../../infra/openapi.json");

pub(crate) fn router() -> Router {
    Router::new().route("/openapi.json", get(openapi)).route("/docs", get(page)).route("/docs/{*asset}", get(asset))
}

/// The page. It names its files from a folder that it does not stand in.
async fn page() -> Result<Response, Problem> {
    let index = file("index.html")?.ok_or_else(|| Refusal::internal("the page has no index"))?;
    let index = String::from_utf8_lossy(&index.bytes);
    let index = index.replace("=\"./", "=\"/docs/").replace("=\"index.css\"", "=\"/docs/index.css\"");
    let index = index.replacen("<title>Swagger UI</title>", "<title>Countersign API</title>", 1);
    let index = index.replacen("<body>", &format!("<body>{}", problems()), 1);
    Ok(([(header::CACHE_CONTROL, "max-age=3600")], Html(index)).into_response())
}

/// A paragraph for each kind of problem.
fn problems() -> String {
    let entry = |kind: &RefusalKind| {
        let (status, code, title, meaning) = (kind.status(), kind.code(), kind.title(), kind.meaning());
        format!("<dt id=\"problem-{code}\"><b>{status} {title}</b> <code>{code}</code></dt><dd>{meaning}</dd>\n")
    };
    let entries: String = RefusalKind::ALL.iter().map(entry).collect();
    format!(
        "<details style=\"max-width: 1460px; margin: 0 auto; padding: 20px; font-family: sans-serif\">\
         <summary>Problems</summary>\n<dl>{entries}</dl></details>\n"
    )
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=60")], OPENAPI).into_response()
}

/// A file of the page, from the binary.
async fn asset(PathText(asset): PathText) -> Result<Response, Problem> {
    let file = file(&asset)?.ok_or_else(|| Refusal::not_found("No such page"))?;
    let headers = [(header::CONTENT_TYPE, file.content_type), (header::CACHE_CONTROL, "max-age=3600".to_owned())];
    Ok((headers, file.bytes.into_owned()).into_response())
}

fn file(name: &str) -> Result<Option<SwaggerFile<'static>>, Refusal> {
    // Its own links would take the place of the problems' addresses.
    let config = Arc::new(Config::from("/openapi.json").deep_linking(false));
    utoipa_swagger_ui::serve(name, config).map_err(|error| Refusal::internal(error.to_string()))
}
