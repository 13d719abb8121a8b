//! Signs a request as a client of the demo does.

use aws_lc_rs::hmac;
use countersign_core::gate::{CLIENT_ID, SIGNATURE, TIMESTAMP, message};
use countersign_edge::clock;
use http::Method;

use crate::demo::DemoService;

/// The three headers of a signed request to a target (path and, where there is one, `?` and the raw query).
pub(crate) fn headers(
    service: &DemoService,
    method: &Method,
    target: &str,
    body: &[u8],
) -> [(&'static str, String); 3] {
    let timestamp = clock::now().seconds().to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, service.client_secret.as_bytes());
    let signature = hmac::sign(&key, message(method, target, &timestamp, body).as_bytes());
    [(CLIENT_ID, service.client_id.clone()), (TIMESTAMP, timestamp), (SIGNATURE, hex::encode(signature.as_ref()))]
}
