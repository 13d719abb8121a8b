//! One list of routes per function: what is served, and what is documented, cannot differ.

#[doc(hidden)]
pub use {axum, utoipa, utoipa_axum};

/// Makes a function's `router` and `openapi` of one list: the state's type, then `method "path" handler;` per route.
///
/// The document is left out of the function's binary, where building it would cost size and time at every cold start.
#[macro_export]
macro_rules! doors {
    ($state:ty; $($method:ident $path:literal $handler:path;)+) => {
        /// The routes of this door, as they are deployed and as the local system serves them.
        pub fn router(state: std::sync::Arc<$state>) -> $crate::doors::axum::Router {
            use $crate::doors::axum;
            let router = axum::Router::new()$(.route($path, axum::routing::$method($handler)))+;
            $crate::corridor::around(router.with_state(state))
        }

        /// What this door adds to the OpenAPI document.
        #[must_use]
        pub fn openapi() -> $crate::doors::utoipa::openapi::OpenApi {
            use $crate::doors::utoipa_axum;
            utoipa_axum::router::OpenApiRouter::<std::sync::Arc<$state>>::new()
                $(.routes(utoipa_axum::routes!($handler)))+
                .into_openapi()
        }
    };
}
