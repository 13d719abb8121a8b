//! Resolves names, and hands on only addresses that were checked: the connection is made to these, so a name that
//! changes its mind between check and connection gains nothing.

use std::{
    error::Error,
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Rules;

/// What a look-up answers.
pub type Found = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Looks names up; replaced in tests.
pub trait Names: Send + Sync + 'static {
    /// The addresses of a name.
    fn look_up(&self, name: String) -> Found;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up(&self, name: String) -> Found {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A name leads to an address that is none of the public Internet.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public ({0})")]
pub(crate) struct RefusedAddress(pub(crate) &'static str);

/// The resolver that the HTTP client is given.
pub(crate) struct Checked {
    pub(crate) names: Arc<dyn Names>,
    pub(crate) rules: Rules,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (name, rules) = (name.as_str().to_owned(), self.rules.clone());
        let found = self.names.look_up(name.clone());
        Box::pin(async move { checked(&rules, &name, found.await?) })
    }
}

/// One address that is not public spoils them all: an honest name has none.
fn checked(rules: &Rules, name: &str, found: Vec<IpAddr>) -> Result<Addrs, Box<dyn Error + Send + Sync>> {
    for address in &found {
        rules.admits(name, *address).map_err(RefusedAddress)?;
    }
    // Port 0 stands for the URL's own.
    Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))))
}
