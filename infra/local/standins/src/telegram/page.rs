//! `GET /`: a page that shows a chat as a person sees it, and writes and presses for them over `/_control/`.

use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};

/// The page: one file, nothing from anywhere else. It may talk to this stand-in alone.
pub(super) async fn page() -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                  base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(include_str!("page.html"))).into_response()
}
