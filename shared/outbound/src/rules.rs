//! Which URLs may be posted to at all: judged when they are registered, and again each time before they are called.

use std::net::IpAddr;

use countersign_core::{Refusal, limits};
use url::{Host, Url};

use crate::address::class;

/// The port of https where a URL names none.
const HTTPS: u16 = 443;

/// What an operator allows.
#[derive(Clone, Debug)]
pub struct Rules {
    ports: Vec<u16>,
    loopback: bool,
}

/// Why a URL is not posted to: safe to show to whoever registered it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Longer than `limits::URL_BYTES`.
    #[error("the URL is longer than {} bytes", limits::URL_BYTES)]
    TooLong,
    /// Not an absolute URL.
    #[error("it is not an absolute URL")]
    Malformed,
    /// Another scheme than https.
    #[error("the URL must begin with https://")]
    Scheme,
    /// A name or a password before the host.
    #[error("the URL must not hold a user name or a password")]
    UserInfo,
    /// What stands behind `#` is never sent.
    #[error("the URL must not hold a fragment")]
    Fragment,
    /// A port that is not allowed.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// An address that is none of the public Internet.
    #[error("the URL leads to an address that is not public ({0})")]
    Address(&'static str),
    /// A name that is none of the public Internet.
    #[error("the URL's host is not a public name")]
    Name,
}

impl From<BadUrl> for Refusal {
    fn from(bad: BadUrl) -> Self {
        Self::invalid(format!("The URL cannot be used: {bad}")).with("url", bad.to_string())
    }
}

impl Default for Rules {
    /// https on its own port, to the public Internet.
    fn default() -> Self {
        Self { ports: vec![HTTPS], loopback: false }
    }
}

impl Rules {
    /// Allows these ports beside 443.
    #[must_use]
    pub fn with_ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.ports.extend(ports);
        self
    }

    /// Allows this machine itself, by http or https and on any port: for the local system and tests alone.
    #[must_use]
    pub fn with_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Reads configuration: `ports` holds numbers with commas between, `loopback` is a switch.
    #[must_use]
    pub fn read(ports: Option<&str>, loopback: bool) -> Option<Self> {
        let ports = ports.unwrap_or_default().split(',').map(str::trim).filter(|port| !port.is_empty());
        let ports = ports.map(|port| port.parse().ok().filter(|port| *port != 0)).collect::<Option<Vec<u16>>>()?;
        Some(Self { loopback, ..Self::default().with_ports(ports) })
    }

    /// Reads a URL; what is given back is what will be called.
    ///
    /// The `url` crate reads hosts as browsers do, so an IPv4 address in any spelling (`0x7f.1`, `017700000001`,
    /// `2130706433`) is an address here and judged as one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, text: &str) -> Result<Url, BadUrl> {
        if text.len() > limits::URL_BYTES {
            return Err(BadUrl::TooLong);
        }
        let url = Url::parse(text).map_err(|_| BadUrl::Malformed)?;
        let host = url.host().ok_or(BadUrl::Malformed)?;
        let loopback = self.loopback && is_loopback(&host);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(BadUrl::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadUrl::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(BadUrl::Fragment);
        }
        if loopback {
            return Ok(url);
        }
        let port = url.port_or_known_default().unwrap_or(HTTPS);
        if !self.ports.contains(&port) {
            return Err(BadUrl::Port(port));
        }
        host_is_public(&host)?;
        Ok(url)
    }

    /// Judges an address that a name was resolved to.
    pub(crate) fn admits(&self, name: &str, address: IpAddr) -> Result<(), &'static str> {
        if self.loopback && name.eq_ignore_ascii_case("localhost") && address.is_loopback() {
            return Ok(());
        }
        class(address).map_or(Ok(()), |class| Err(class.name))
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn host_is_public(host: &Host<&str>) -> Result<(), BadUrl> {
    let address = match host {
        Host::Domain(name) => return name_is_public(name),
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address),
    };
    class(address).map_or(Ok(()), |class| Err(BadUrl::Address(class.name)))
}

/// A name with a dot that is of no special use (RFC 6761, RFC 6762, RFC 8375, RFC 9476; `internal`: ICANN 2024).
fn name_is_public(name: &str) -> Result<(), BadUrl> {
    const SPECIAL: &[&str] =
        &["alt", "arpa", "example", "internal", "invalid", "local", "localdomain", "localhost", "onion", "test"];
    let name = name.strip_suffix('.').unwrap_or(name);
    let top = name.rsplit_once('.').map(|(_, top)| top);
    match top {
        Some(top) if !SPECIAL.iter().any(|special| top.eq_ignore_ascii_case(special)) => Ok(()),
        _ => Err(BadUrl::Name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> BadUrl {
        Rules::default().check(text).expect_err(text)
    }

    #[test]
    fn ordinary_urls_are_read() {
        for good in [
            "https://hooks.example.org/a?b=c",
            "https://1.1.1.1/",
            "https://[2606:4700::1]/",
            "HTTPS://A.example.org:443",
        ] {
            assert!(Rules::default().check(good).is_ok(), "{good}");
        }
        assert!(Rules::default().with_ports([8443]).check("https://a.example.org:8443/").is_ok());
    }

    #[test]
    fn schemes_user_names_ports_and_fragments_are_refused() {
        for bad in ["http://a.example.org/", "ftp://a.example.org/", "file:///etc/passwd", "gopher://a.example.org/"] {
            assert!(matches!(refused(bad), BadUrl::Scheme | BadUrl::Malformed), "{bad}");
        }
        assert_eq!(refused("https://me@a.example.org/"), BadUrl::UserInfo);
        assert_eq!(refused("https://:pw@a.example.org/"), BadUrl::UserInfo);
        assert_eq!(refused("https://a.example.org:22/"), BadUrl::Port(22));
        assert_eq!(refused("https://a.example.org:80/"), BadUrl::Port(80));
        assert_eq!(refused("https://a.example.org/#b"), BadUrl::Fragment);
        assert_eq!(refused(&format!("https://a.example.org/{}", "a".repeat(2048))), BadUrl::TooLong);
        for bad in ["", "/a", "a.example.org", "https://", "https:///", "https://a b/"] {
            assert!(matches!(refused(bad), BadUrl::Malformed | BadUrl::Name), "{bad}");
        }
    }

    #[test]
    fn addresses_are_refused_in_every_spelling() {
        for bad in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://017700000001/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://%31%32%37.0.0.1/",
            "https://１２７.0.0.1/",
            "https://127。0。0。1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[0:0:0:0:0:0:0:1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://0xa9fea9fe/",
            "https://[fd00:ec2::254]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://0/",
            "https://[2002:a9fe:a9fe::]/",
            "https://10.0.0.1/",
            "https://100.64.0.1/",
            "https://255.255.255.255/",
        ] {
            assert!(matches!(refused(bad), BadUrl::Address(_)), "{bad}: {}", refused(bad));
        }
    }

    #[test]
    fn names_of_our_own_network_are_refused() {
        for bad in [
            "https://localhost/",
            "https://LOCALHOST/",
            "https://localhost./",
            "https://a.localhost/",
            "https://router/",
            "https://ip-10-0-0-1.ec2.internal/",
            "https://printer.local/",
            "https://metadata.google.internal/",
        ] {
            assert_eq!(refused(bad), BadUrl::Name, "{bad}");
        }
    }

    #[test]
    fn the_local_system_reaches_itself_and_nothing_else_more() {
        let local = Rules::default().with_loopback();
        for good in ["http://127.0.0.1:4000/a", "http://[::1]:4000/", "http://localhost:4000/", "https://localhost/"] {
            assert!(local.check(good).is_ok(), "{good}");
        }
        for bad in ["http://10.0.0.1/", "http://a.example.org/", "https://169.254.169.254/", "https://a.localhost/"] {
            assert!(local.check(bad).is_err(), "{bad}");
        }
        assert!(local.admits("localhost", "127.0.0.1".parse().unwrap()).is_ok());
        assert!(local.admits("a.example.org", "127.0.0.1".parse().unwrap()).is_err());
    }

    #[test]
    fn ports_are_read() {
        assert!(Rules::read(Some("8443, 9443"), false).unwrap().check("https://a.example.org:9443").is_ok());
        assert!(Rules::read(None, false).is_some() && Rules::read(Some("x"), false).is_none());
        assert!(Rules::read(Some("0"), false).is_none());
    }
}
