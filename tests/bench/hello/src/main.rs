//! A hello-world Lambda with the same runtime, router and profile as the functions: the baseline of a cold start.

use axum::{Router, routing::get};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::run(Router::new().route("/", get(|| async { "hello" }))).await
}
