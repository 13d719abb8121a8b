//! A refusal as a page, for the few routes that a person's browser opens.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use countersign_core::Refusal;

use crate::answer::Written;

/// Nothing is loaded, run, framed or sent by such a page; it may say how its own words look.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
);

/// This page with the refusal's status; the corridor logs the refusal. Whatever came from outside is escaped in it.
#[must_use]
pub fn refused(refusal: Refusal, html: String) -> Response {
    let status = StatusCode::from_u16(refusal.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, NOTHING);
    if let Some(seconds) = refusal.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response.extensions_mut().insert(Written(refusal));
    response
}
