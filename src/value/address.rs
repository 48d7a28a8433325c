//! Source addresses and the networks they belong to.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// An IPv4 or IPv6 address. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub IpAddr);

/// Why a cell holds no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAddress {
    /// Salesforce itself was the caller, or the exporter removed the address: known texts, not an error.
    Placeholder,
    /// The text is no address.
    Malformed,
}

impl Address {
    /// Reads an address; of a forwarded chain (`a, b`) the first one, which is the client's.
    ///
    /// # Errors
    /// Says whether the text is a known placeholder or simply no address.
    pub fn parse(text: &str) -> Result<Self, NoAddress> {
        let first = text.split(',').next().unwrap_or(text).trim();
        if is_placeholder(first) {
            return Err(NoAddress::Placeholder);
        }
        let bare = first.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(first);
        match bare.parse::<IpAddr>() {
            Ok(IpAddr::V6(v6)) => Ok(Self(unmapped(v6))),
            Ok(v4) => Ok(Self(v4)),
            Err(_) => Err(NoAddress::Malformed),
        }
    }

    /// The network that one site usually has: the /24 of an IPv4 address, the /64 of an IPv6 address.
    pub fn network(self) -> IpNet {
        match self.0 {
            IpAddr::V4(v4) => IpNet::V4(Ipv4Net::new_assert(v4, 24).trunc()),
            IpAddr::V6(v6) => IpNet::V6(Ipv6Net::new_assert(v6, 64).trunc()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

fn unmapped(v6: Ipv6Addr) -> IpAddr {
    v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4)
}

/// `Salesforce.com IP` stands in `CLIENT_IP` and `SourceIp`; `IP_ADDRESS_REMOVED` in exports that were passed on.
fn is_placeholder(text: &str) -> bool {
    ["", "salesforce.com ip", "ip_address_removed", "unknown", "n/a"]
        .iter()
        .any(|known| text.eq_ignore_ascii_case(known))
}
