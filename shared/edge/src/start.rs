//! How a Lambda starts: log, AWS clients on one HTTP client, then the router behind the Runtime API.

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use axum::Router;
use lambda_http::{
    LambdaEvent,
    lambda_runtime::{self, service_fn},
};
use serde::Serialize;
use std::time::Duration;

pub use lambda_http::Error;

/// One call to AWS, tries included: a request's few calls and one to an outside system fit into API Gateway's 30 s.
const OPERATION: Duration = Duration::from_secs(4);
/// One try.
const ATTEMPT: Duration = Duration::from_millis(1500);
/// Tries of one call.
const ATTEMPTS: u32 = 3;

/// The SDK's configuration from the process environment; `AWS_ENDPOINT_URL` points it elsewhere.
///
/// All clients share one HTTP client: its TLS is set up once.
pub async fn aws() -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    loader.timeout_config(timeouts()).retry_config(retries()).load().await
}

/// How long a call to AWS may take.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().operation_timeout(OPERATION).operation_attempt_timeout(ATTEMPT).build()
}

/// How often a call to AWS is tried.
#[must_use]
pub fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

/// Serves a router to API Gateway until the environment is shut down.
///
/// # Errors
/// Where the Runtime API cannot be reached.
pub async fn serve(router: Router) -> Result<(), Error> {
    lambda_http::run(router).await
}

/// Serves a schedule: whatever the event says, the work is done once per event.
///
/// # Errors
/// Where the Runtime API cannot be reached.
pub async fn serve_schedule<W, F, T>(work: W) -> Result<(), Error>
where
    W: Fn() -> F,
    F: Future<Output = Result<T, countersign_core::Refusal>>,
    T: Serialize,
{
    let on_event = service_fn(async |_: LambdaEvent<serde_json::Value>| work().await.map_err(Error::from));
    lambda_runtime::run(on_event).await
}
