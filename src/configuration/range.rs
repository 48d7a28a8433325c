//! Ranges of addresses: read, compared, counted.

use std::net::IpAddr;

use ipnet::IpNet;

use super::IpRange;

impl IpRange {
    /// A range by its ends, as metadata writes it. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4
    /// address.
    ///
    /// # Errors
    /// Says what is wrong with the ends.
    pub fn of_ends(start: &str, end: &str) -> Result<Self, &'static str> {
        let (start, end) = (address(start)?, address(end)?);
        if start.is_ipv4() != end.is_ipv4() {
            return Err("has ends of two address families");
        }
        if start > end {
            return Err("ends before it starts");
        }
        Ok(Self { start, end })
    }

    /// A range in one text: a single address, a network (`192.0.2.0/24`), or two ends with a dash between them.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some((start, end)) = text.split_once('-') {
            return Self::of_ends(start, end);
        }
        if !text.contains('/') {
            return Self::of_ends(text, text);
        }
        let network: IpNet = text.trim().parse().map_err(|_| "is no network")?;
        Ok(Self { start: network.network(), end: network.broadcast() })
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.start.is_ipv4() && (self.start..=self.end).contains(&address)
    }

    /// How many addresses are in it; all of IPv6 counts as the greatest number.
    pub fn count(&self) -> u128 {
        (number(self.end) - number(self.start)).saturating_add(1)
    }
}

/// How many addresses are in any of the ranges; an address in two of them counts once.
pub fn addresses_in(ranges: &[IpRange]) -> u128 {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut apart: Vec<IpRange> = Vec::new();
    for range in sorted {
        match apart.last_mut() {
            Some(last) if last.contains(range.start) => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart.iter().fold(0, |sum, range| sum.saturating_add(range.count()))
}

fn address(text: &str) -> Result<IpAddr, &'static str> {
    text.trim().parse().map(|address: IpAddr| address.to_canonical()).map_err(|_| "has an end that is no address")
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}
