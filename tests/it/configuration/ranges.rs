//! Ranges of addresses: what is one, what is in it, and how many addresses are in several.

use std::net::IpAddr;

use proptest::prelude::{any, prop_assert_eq, proptest};
use tokentrail::configuration::{IpRange, addresses_in};

fn range(text: &str) -> IpRange {
    IpRange::parse(text).unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_range_is_written_in_three_ways() {
    for (text, start, end, count) in [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1", 1),
        (" 192.0.2.0 - 192.0.2.255 ", "192.0.2.0", "192.0.2.255", 256),
        ("192.0.2.77/24", "192.0.2.0", "192.0.2.255", 256),
        ("2001:db8::/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", 1 << 64),
        ("::ffff:192.0.2.1-192.0.2.2", "192.0.2.1", "192.0.2.2", 2),
        ("::ffff:192.0.2.1-::ffff:192.0.2.4", "192.0.2.1", "192.0.2.4", 4),
        ("0.0.0.0-255.255.255.255", "0.0.0.0", "255.255.255.255", 1 << 32),
        ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", u128::MAX),
    ] {
        let range = range(text);
        assert_eq!((range.start, range.end, range.count()), (address(start), address(end), count), "{text}");
        assert!(range.contains(address(start)) && range.contains(address(end)), "{text}");
    }
}

#[test]
fn what_is_no_range_says_why() {
    for (text, why) in [
        ("192.0.2.9-192.0.2.1", "ends before it starts"),
        ("192.0.2.1-2001:db8::1", "has ends of two address families"),
        ("192.0.2.1-", "has an end that is no address"),
        ("192.0.2", "has an end that is no address"),
        ("", "has an end that is no address"),
        ("192.0.2.0/33", "is no network"),
        ("office/24", "is no network"),
    ] {
        assert_eq!(IpRange::parse(text), Err(why), "{text}");
    }
}

#[test]
fn an_address_is_in_a_range_of_its_family() {
    let office = range("192.0.2.10-192.0.2.20");
    for inside in ["192.0.2.10", "192.0.2.15", "192.0.2.20", "::ffff:192.0.2.15"] {
        assert!(office.contains(address(inside)), "{inside}");
    }
    for outside in ["192.0.2.9", "192.0.2.21", "10.0.0.1", "::", "2001:db8::1"] {
        assert!(!office.contains(address(outside)), "{outside}");
    }
    assert!(!range("::/0").contains(address("192.0.2.1")), "families do not mix");
}

#[test]
fn an_address_in_two_ranges_counts_once() {
    let of = |texts: &[&str]| addresses_in(&texts.iter().map(|text| range(text)).collect::<Vec<_>>());
    assert_eq!(of(&[]), 0);
    assert_eq!(of(&["192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1"]), 1);
    assert_eq!(of(&["192.0.2.0/24", "192.0.2.128-192.0.3.63"]), 320);
    assert_eq!(of(&["192.0.2.0/24", "192.0.2.4/30", "192.0.2.200"]), 256, "ranges inside another one");
    assert_eq!(of(&["192.0.2.0-192.0.2.9", "192.0.2.10-192.0.2.19"]), 20, "ranges side by side");
    assert_eq!(of(&["255.255.255.255", "::"]), 2, "the last of one family and the first of the other");
    assert_eq!(of(&["::/0", "0.0.0.0/0"]), u128::MAX);
}

proptest! {
    /// Counted address by address, in a space small enough for that.
    #[test]
    fn as_many_as_are_there(ends in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<bool>()), 0..8)) {
        let at = |last: u8, v4: bool| {
            if v4 { IpAddr::from([192, 0, 2, last]) } else { IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last)]) }
        };
        let ranges: Vec<IpRange> = ends
            .iter()
            .map(|&(one, other, v4)| IpRange { start: at(one.min(other), v4), end: at(one.max(other), v4) })
            .collect();
        let all = (0..=255_u8).flat_map(|last| [at(last, true), at(last, false)]);
        let slow = all.filter(|&address| ranges.iter().any(|range| range.contains(address))).count();
        prop_assert_eq!(addresses_in(&ranges), slow as u128);
    }
}
