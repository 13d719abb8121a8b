//! The front door: documentation, and the answer to unknown routes. It touches no data and no AWS service.

mod docs;
mod unknown;

use axum::Router;

/// The routes of this door, as they are deployed and as the local system serves them.
pub fn router() -> Router {
    countersign_edge::corridor::with_fallback(docs::router().fallback(unknown::answer))
}
