//! Which addresses are of the public Internet: all others are refused, by the IANA registries of special-purpose addresses.
//!
//! The table is our own because the crate made for it (`ip_rfc`) is of 2020 and lets IPv4 addresses through that are
//! written as IPv6, and the standard library's `is_global` is not stable.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use ipnet::{Ipv4Net, Ipv6Net};

/// What an address is for, where it is not an ordinary one of the Internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressClass {
    /// In words, for the log and the registrant.
    pub name: &'static str,
    /// The document that says so.
    pub source: &'static str,
}

/// Network, prefix length, what for, where it says so.
type Row<A> = (A, u8, &'static str, &'static str);

/// IPv4.
const V4: &[Row<Ipv4Addr>] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network", "RFC 791, section 3.2"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private", "RFC 1918"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared behind a carrier's NAT", "RFC 6598"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback", "RFC 1122, section 3.2.1.3"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local, where clouds keep their metadata", "RFC 3927"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private", "RFC 1918"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "IETF protocol assignments", "RFC 6890, section 2.1"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation", "RFC 5737"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relay", "RFC 7526"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private", "RFC 1918"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarking", "RFC 2544"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation", "RFC 5737"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation", "RFC 5737"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast", "RFC 5771"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved and broadcast", "RFC 1112, section 4; RFC 919"),
];

/// IPv6 within 2000::/3; everything outside of it is no global unicast anyway.
const V6: &[Row<Ipv6Addr>] = &[
    (
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        23,
        "IETF protocol assignments, Teredo among them",
        "RFC 2928, RFC 4380",
    ),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation", "RFC 3849"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4: an IPv4 address within", "RFC 3056"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation", "RFC 9637"),
];

/// IPv6 outside of 2000::/3, named so that a refusal says what was met.
const V6_OUTSIDE: &[Row<Ipv6Addr>] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified", "RFC 4291, section 2.5.2"),
    (Ipv6Addr::LOCALHOST, 128, "loopback", "RFC 4291, section 2.5.3"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "an IPv4 address within (mapped)", "RFC 4291, section 2.5.5.2"),
    (Ipv6Addr::UNSPECIFIED, 96, "an IPv4 address within (compatible)", "RFC 4291, section 2.5.5.1"),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, "an IPv4 address within (NAT64)", "RFC 6052"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "an IPv4 address within (local NAT64)", "RFC 8215"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discard", "RFC 6666"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique local, where clouds keep their metadata", "RFC 4193"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local", "RFC 4291, section 2.5.6"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "site-local", "RFC 3879"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast", "RFC 4291, section 2.7"),
];

type Table<N> = LazyLock<Vec<(N, AddressClass)>>;

static V4_NETS: Table<Ipv4Net> = LazyLock::new(|| rows(V4, Ipv4Net::new));
static V6_NETS: Table<Ipv6Net> = LazyLock::new(|| rows(V6, Ipv6Net::new));
static V6_OUTSIDE_NETS: Table<Ipv6Net> = LazyLock::new(|| rows(V6_OUTSIDE, Ipv6Net::new));

/// A test holds that no row is lost.
fn rows<A: Copy, N, E>(table: &'static [Row<A>], net: fn(A, u8) -> Result<N, E>) -> Vec<(N, AddressClass)> {
    let row =
        |(network, length, name, source): &Row<A>| Some((net(*network, *length).ok()?, AddressClass { name, source }));
    table.iter().filter_map(row).collect()
}

/// What the address is for where it is none of the public Internet; nothing where it may be connected to.
///
/// An IPv6 address that holds an IPv4 one is refused whatever it holds: nobody publishes a service so.
#[must_use]
pub fn class(address: IpAddr) -> Option<AddressClass> {
    match address {
        IpAddr::V4(address) => found(&V4_NETS, |net| net.contains(&address)),
        IpAddr::V6(address) if address.octets().first().is_some_and(|first| first >> 5 == 1) => {
            found(&V6_NETS, |net| net.contains(&address)).or_else(|| isatap(address))
        }
        IpAddr::V6(address) => found(&V6_OUTSIDE_NETS, |net| net.contains(&address))
            .or(Some(AddressClass { name: "no global unicast", source: "RFC 4291, section 2.4" })),
    }
}

fn found<N>(table: &[(N, AddressClass)], contains: impl Fn(&N) -> bool) -> Option<AddressClass> {
    table.iter().find(|(net, _)| contains(net)).map(|(_, class)| *class)
}

/// An interface id of `0000:5efe` or `0200:5efe` and an IPv4 address.
fn isatap(address: Ipv6Addr) -> Option<AddressClass> {
    let [.., high, low, _, _] = address.segments();
    let embeds = high & 0xfdff == 0 && low == 0x5efe;
    embeds.then_some(AddressClass { name: "an IPv4 address within (ISATAP)", source: "RFC 5214, section 6.1" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_network() {
        assert_eq!(V4_NETS.len(), V4.len());
        assert_eq!(V6_NETS.len() + V6_OUTSIDE_NETS.len(), V6.len() + V6_OUTSIDE.len());
        for (net, _) in V4_NETS.iter() {
            assert_eq!(net.network(), net.addr(), "{net}");
        }
        for (net, _) in V6_NETS.iter().chain(V6_OUTSIDE_NETS.iter()) {
            assert_eq!(net.network(), net.addr(), "{net}");
        }
    }

    #[test]
    fn special_addresses_are_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:93.184.215.14",
            "::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b::5db8:d70e",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:0:53aa:64c::7f00:1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:5db8:d70e::1",
            "3fff:fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "4000::1",
            "2606:4700::5efe:a00:1",
            "2606:4700::200:5efe:a00:1",
        ] {
            assert!(class(address.parse().unwrap()).is_some(), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_not() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "93.184.215.14",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.1.1",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "3ffe::1",
        ] {
            assert_eq!(class(address.parse().unwrap()), None, "{address}");
        }
    }
}
