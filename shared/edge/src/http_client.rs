//! The one HTTP client for outside systems: reqwest on rustls with the aws-lc provider.

use std::time::Duration;

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(3);

/// Builds the client; each outside system sets its own time-out per request.
///
/// # Errors
/// Where TLS cannot be set up.
pub fn build() -> Result<reqwest::Client, reqwest::Error> {
    // Another client of the process may have installed it before: the same provider either way.
    let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .build()
}
