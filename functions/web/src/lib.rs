//! The front door: health, documentation, unknown routes.

mod docs;
mod health;
mod unknown;

use std::sync::Arc;

use aws_config::SdkConfig;
use axum::Router;
use countersign_edge::{Environment, start::Error};
use countersign_store::Store;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The state of every handler.
pub struct Web {
    store: Store,
    environment: String,
}

impl Web {
    /// Builds the client. Variables: `TABLE_NAME`, `ENVIRONMENT`.
    ///
    /// # Errors
    /// Where `TABLE_NAME` is missing.
    pub fn build(environment: &Environment, aws: &SdkConfig) -> Result<Arc<Self>, Error> {
        let store = Store::new(aws, environment.required("TABLE_NAME")?);
        let environment = environment.optional("ENVIRONMENT").unwrap_or("unnamed").to_owned();
        Ok(Arc::new(Self { store, environment }))
    }
}

/// The routes of this door, as they are deployed and as the local system serves them.
#[must_use]
pub fn router(web: Arc<Web>) -> Router {
    let router: Router = routes().with_state(web).into();
    countersign_edge::corridor::around(router.merge(docs::router()).fallback(unknown::answer))
}

/// What this door adds to the OpenAPI document.
#[must_use]
pub fn openapi() -> OpenApi {
    routes().into_openapi()
}

fn routes() -> OpenApiRouter<Arc<Web>> {
    OpenApiRouter::new().routes(routes!(health::health))
}
