//! How a Lambda starts: log, AWS clients on one HTTP client, then the router behind the Runtime API.

use aws_config::{
    BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig, timeout::TimeoutConfig,
};
use aws_sdk_secretsmanager::config::SharedCredentialsProvider;
use axum::Router;
use lambda_http::{
    LambdaEvent,
    lambda_runtime::{self, service_fn},
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

pub use lambda_http::Error;

use crate::{Environment, aws_http};

/// One call to AWS, tries included: a request's few calls and one to an outside system fit into API Gateway's 30 s.
const OPERATION: Duration = Duration::from_secs(4);
/// One try.
const ATTEMPT: Duration = Duration::from_millis(1500);
/// Tries of one call.
const ATTEMPTS: u32 = 3;

/// The roots of the certificates of AWS's endpoints: docs/decisions/0014-cold-start.md.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// The SDK's configuration as Lambda's environment says it: `AWS_REGION`, the role's credentials, and `AWS_ENDPOINT_URL`
/// where it is another AWS. Nothing else is looked for: no profile, no metadata service.
///
/// All clients share one HTTP client: its TLS is set up once. `AWS_CA_BUNDLE`, a file, replaces Amazon's roots.
///
/// # Errors
/// Where the region is missing, or the file cannot be read or holds no certificates.
pub fn aws(environment: &Environment) -> Result<SdkConfig, Error> {
    let roots = match environment.optional("AWS_CA_BUNDLE") {
        Some(file) => roots_in(file).map_err(|error| environment.wrong("AWS_CA_BUNDLE", error))?,
        None => AMAZON_ROOTS.to_vec(),
    };
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(environment.required("AWS_REGION")?.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .http_client(aws_http::trusting(roots)?)
        // Bodies are small, and an attempt has its own end.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(timeouts())
        .retry_config(retries());
    Ok(match environment.optional("AWS_ENDPOINT_URL") {
        Some(url) => config.endpoint_url(url).build(),
        None => config.build(),
    })
}

/// The certificates of a file, as they are written there. Amazon's own need no look; these would be looked at by the first call.
fn roots_in(file: &str) -> Result<Vec<u8>, Error> {
    let pem = std::fs::read(file)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    // Nothing of the file is repeated: it may be another one than was meant.
    if found.is_ok_and(|found| !found.is_empty()) {
        Ok(pem)
    } else {
        Err("no certificates in PEM, or broken ones".into())
    }
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

/// Serves events that come by themselves: Lambda sends one that failed again, twice.
///
/// # Errors
/// Where the Runtime API cannot be reached.
pub async fn serve_events<W, E, F, R>(work: W) -> Result<(), Error>
where
    W: Fn(E) -> F,
    E: DeserializeOwned,
    F: Future<Output = Result<R, countersign_core::Refusal>>,
    R: Serialize,
{
    let on_event = service_fn(async |event: LambdaEvent<E>| work(event.payload).await.map_err(Error::from));
    lambda_runtime::run(on_event).await
}

/// Serves a queue or a stream: each event is a batch, and the answer names what of it has to come again.
///
/// # Errors
/// Where the Runtime API cannot be reached.
pub async fn serve_batches<W, B, F, R>(work: W) -> Result<(), Error>
where
    W: Fn(B) -> F,
    B: DeserializeOwned,
    F: Future<Output = R>,
    R: Serialize,
{
    lambda_runtime::run(service_fn(async |event: LambdaEvent<B>| Ok::<_, Error>(work(event.payload).await))).await
}
