//! The one HTTP client of all clients of AWS: its TLS is set up once.

use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};

use crate::start::Error;

/// The SDK's own client, less its look at itself: each client of AWS that is built would have it read all roots and set TLS up for
/// nothing but to see that it can. The first call sees that; most functions make it at start.
#[derive(Debug)]
struct SetUpOnce(SharedHttpClient);

impl HttpClient for SetUpOnce {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

/// A client that trusts these roots, in PEM.
pub(crate) fn trusting(roots: Vec<u8>) -> Result<SharedHttpClient, Error> {
    let trusted = TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(roots)).build()?;
    let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(trusted).build_https();
    Ok(SharedHttpClient::new(SetUpOnce(client)))
}
