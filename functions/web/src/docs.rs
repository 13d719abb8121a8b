//! `GET /openapi.json` and `GET /docs`: the document made from the code, and a page that needs nothing from elsewhere.

use std::sync::Arc;

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use countersign_core::Refusal;
use countersign_edge::{PathText, Problem};
use utoipa_swagger_ui::Config;

/// The document that a test makes from the routers of all functions and compares with this file.
pub(crate) const OPENAPI: &str = include_str!("../../../infra/openapi.json");

pub(crate) fn router() -> Router {
    Router::new()
        .route("/openapi.json", get(openapi))
        .route("/docs", get(|| async { Redirect::permanent("/docs/index.html") }))
        .route("/docs/{*asset}", get(asset))
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=60")], OPENAPI).into_response()
}

/// A file of the page, from the binary.
async fn asset(PathText(asset): PathText) -> Result<Response, Problem> {
    let config = Arc::new(Config::from("/openapi.json"));
    let found = utoipa_swagger_ui::serve(&asset, config).map_err(|error| Refusal::internal(error.to_string()))?;
    let file = found.ok_or_else(|| Refusal::not_found("No such page"))?;
    let headers = [(header::CONTENT_TYPE, file.content_type), (header::CACHE_CONTROL, "max-age=3600".to_owned())];
    Ok((headers, file.bytes.into_owned()).into_response())
}
