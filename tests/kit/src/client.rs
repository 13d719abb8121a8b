//! A plain HTTP client for black-box tests: sends a call, gives its answer, follows nothing.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Method, redirect::Policy};

use crate::{Answer, Call};

/// Longer than API Gateway lets a function take.
const PATIENCE: Duration = Duration::from_secs(35);

/// A client of one address; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    base_url: String,
    http: reqwest::Client,
}

impl Client {
    /// A client of `http://host:port`.
    ///
    /// # Panics
    /// Where TLS cannot be set up, which is a fault of this build.
    #[must_use]
    pub fn new(base_url: &str) -> Self {
        // Another client of the process may have installed it before: the same provider either way.
        let _already = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE);
        let http = builder.build().expect("the provider is installed and the roots are in the binary");
        Self { base_url: base_url.trim_end_matches('/').to_owned(), http }
    }

    /// Sends the call.
    ///
    /// # Errors
    /// Where no answer comes.
    ///
    /// # Panics
    /// Where the call's method is none.
    pub async fn send(&self, call: &Call) -> Result<Answer, reqwest::Error> {
        let method = Method::from_bytes(call.method.as_bytes()).expect("a test names a method");
        let mut request = self.http.request(method, format!("{}{}", self.base_url, call.target));
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let response = request.body(call.body.clone()).send().await?;
        let mut answer = Answer { status: response.status().as_u16(), headers: BTreeMap::new(), body: Vec::new() };
        for (name, value) in response.headers() {
            answer.add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        answer.body = response.bytes().await?.to_vec();
        Ok(answer)
    }
}
