//! The list of addresses that refresh tokens may come from: the smallest one that fits, and whether an app needs one.
//!
//! Salesforce lets such a list hold 256 addresses over all its ranges, and asks for it where a callback leads to
//! somebody's own server. Source: the control "Refresh Token IP Range Allowlist" that Salesforce asked of its partners in
//! April 2026.

mod callbacks;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

pub use callbacks::{Applicability, Callback, CallbackKind, applicability};

/// The most addresses that all ranges of a list may hold together.
pub const BUDGET: u64 = 256;

/// A list for addresses that were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The fewest ranges that let in what was seen and fit the budget; of those, the ones with the fewest addresses that
    /// were not seen. Sorted.
    pub ranges: Vec<IpNet>,
    /// The fewest ranges that let in what was seen and nothing else. Sorted.
    pub exact: Vec<IpNet>,
    /// How many addresses `ranges` hold.
    pub addresses: u64,
    /// What was seen and does not fit, with its uses: the least used addresses. Sorted.
    pub blocked: BTreeMap<IpAddr, u64>,
    /// Uses from addresses that fit.
    pub uses_let_in: u64,
    /// Uses from addresses that do not.
    pub uses_blocked: u64,
}

/// The smallest list for addresses with their uses.
///
/// An address costs at least one of the budget, so if there are more than it holds, the most used ones stay, of equally
/// used ones the lower. IPv6 addresses are listed singly: the network of one customer, a /64, is far beyond the budget. Time
/// grows with the square of the addresses that stay.
pub fn suggest(seen: &BTreeMap<IpAddr, u64>, budget: u64) -> Suggestion {
    let mut uses: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for (address, count) in seen {
        let uses = uses.entry(address.to_canonical()).or_default();
        *uses = uses.saturating_add(*count);
    }
    let mut by_use: Vec<(IpAddr, u64)> = uses.into_iter().collect();
    by_use.sort_by_key(|(address, count)| (std::cmp::Reverse(*count), *address));
    let kept = usize::try_from(budget).unwrap_or(usize::MAX).min(by_use.len());
    let blocked: BTreeMap<IpAddr, u64> = by_use.split_off(kept).into_iter().collect();
    let total = |counts: &mut dyn Iterator<Item = u64>| counts.fold(0, u64::saturating_add);

    let mut old: Vec<u32> = Vec::new();
    let mut singly: Vec<IpNet> = Vec::new();
    for (address, _) in &by_use {
        match address {
            IpAddr::V4(address) => old.push((*address).into()),
            IpAddr::V6(_) => singly.push(IpNet::from(*address)),
        }
    }
    old.sort_unstable();
    singly.sort_unstable();
    let listed_alone = u64::try_from(singly.len()).unwrap_or(u64::MAX);
    let seen_of_old = u64::try_from(old.len()).unwrap_or(u64::MAX);
    let tree = (!old.is_empty()).then(|| Tree::new(&old));
    let within = |most: u64| {
        let mut ranges = tree.as_ref().map_or_else(Vec::new, |tree| tree.smallest(most));
        ranges.extend(&singly);
        ranges
    };
    let ranges = within(budget.saturating_sub(listed_alone));
    Suggestion {
        addresses: ranges.iter().map(|range| size(*range)).fold(0, u64::saturating_add),
        ranges,
        exact: within(seen_of_old),
        uses_let_in: total(&mut by_use.iter().map(|(_, count)| *count)),
        uses_blocked: total(&mut blocked.values().copied()),
        blocked,
    }
}

fn size(range: IpNet) -> u64 {
    let free = range.max_prefix_len() - range.prefix_len();
    1_u64.checked_shl(free.into()).unwrap_or(u64::MAX)
}

/// The binary tree of addresses: each node is the smallest range around what is below it.
struct Tree {
    range: Ipv4Net,
    halves: Option<Box<(Tree, Tree)>>,
    /// For each number of ranges from 1: how few addresses they can hold, and how many of them are in the first half.
    best: Vec<(u64, usize)>,
}

impl Tree {
    /// Of addresses, sorted, each once and at least one.
    fn new(addresses: &[u32]) -> Self {
        let (first, last) = (addresses[0], addresses[addresses.len() - 1]);
        let shared = (first ^ last).leading_zeros();
        let range = Ipv4Net::new_assert(Ipv4Addr::from(first), u8::try_from(shared).unwrap_or(32)).trunc();
        let whole = (1_u64 << (32 - shared), 0);
        if first == last {
            return Self { range, halves: None, best: vec![whole] };
        }
        let middle = addresses.partition_point(|address| (address ^ first).leading_zeros() > shared);
        let halves = (Self::new(&addresses[..middle]), Self::new(&addresses[middle..]));
        let mut best = vec![(u64::MAX, 0); addresses.len()];
        best[0] = whole;
        for (ones, (first, _)) in halves.0.best.iter().enumerate() {
            for (others, (second, _)) in halves.1.best.iter().enumerate() {
                let both = (first + second, ones + 1);
                let place = &mut best[ones + others + 1];
                *place = both.min(*place);
            }
        }
        Self { range, halves: Some(Box::new(halves)), best }
    }

    /// The fewest ranges that hold no more addresses than so many.
    fn smallest(&self, most: u64) -> Vec<IpNet> {
        let mut ranges = Vec::new();
        let fits = self.best.iter().position(|(addresses, _)| *addresses <= most);
        // As many ranges as addresses always fit: no more addresses are kept than the budget holds.
        self.take(fits.unwrap_or(self.best.len() - 1) + 1, &mut ranges);
        ranges
    }

    fn take(&self, count: usize, into: &mut Vec<IpNet>) {
        match &self.halves {
            Some(halves) if count > 1 => {
                let ones = self.best[count - 1].1;
                halves.0.take(ones, into);
                halves.1.take(count - ones, into);
            }
            _ => into.push(self.range.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{IpRange, addresses_in};
    use proptest::prelude::*;

    fn seen(addresses: &[(&str, u64)]) -> BTreeMap<IpAddr, u64> {
        addresses.iter().map(|(address, uses)| (address.parse().unwrap(), *uses)).collect()
    }

    fn texts(ranges: &[IpNet]) -> Vec<String> {
        ranges.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn neighbours_become_a_range_and_what_is_far_stays_alone() {
        let seen = seen(&[("203.0.113.4", 9), ("203.0.113.7", 1), ("198.51.100.1", 5), ("2001:db8::1", 2)]);
        let found = suggest(&seen, BUDGET);
        assert_eq!(texts(&found.ranges), ["198.51.100.1/32", "203.0.113.4/30", "2001:db8::1/128"]);
        assert_eq!(texts(&found.exact), ["198.51.100.1/32", "203.0.113.4/32", "203.0.113.7/32", "2001:db8::1/128"]);
        assert_eq!((found.addresses, found.uses_let_in, found.uses_blocked), (6, 17, 0));
        assert_eq!(texts(&suggest(&seen, 5).ranges), texts(&found.exact), "four more would not fit");
    }

    #[test]
    fn the_least_used_addresses_do_not_fit() {
        let seen = seen(&[("203.0.113.1", 5), ("203.0.113.9", 1), ("203.0.113.77", 5), ("2001:db8::1", 4)]);
        let found = suggest(&seen, 2);
        assert_eq!(texts(&found.ranges), ["203.0.113.1/32", "203.0.113.77/32"]);
        let blocked: Vec<String> = found.blocked.keys().map(ToString::to_string).collect();
        assert_eq!(blocked, ["203.0.113.9", "2001:db8::1"]);
        assert_eq!((found.uses_let_in, found.uses_blocked), (10, 5));
    }

    #[test]
    fn an_address_written_as_ipv6_is_the_ipv4_address() {
        let found = suggest(&seen(&[("::ffff:203.0.113.1", 2), ("203.0.113.1", 3)]), BUDGET);
        assert_eq!((texts(&found.ranges), found.uses_let_in), (vec!["203.0.113.1/32".to_owned()], 5));
    }

    #[test]
    fn edges_of_the_address_space_and_nothing_at_all() {
        let found = suggest(&seen(&[("0.0.0.0", 1), ("255.255.255.255", 1)]), BUDGET);
        assert_eq!(texts(&found.ranges), ["0.0.0.0/32", "255.255.255.255/32"]);
        let nothing = suggest(&BTreeMap::new(), BUDGET);
        assert_eq!((nothing.ranges.len(), nothing.addresses), (0, 0));
        assert_eq!(suggest(&seen(&[("203.0.113.1", 1)]), 0).uses_blocked, 1);
    }

    #[test]
    fn a_whole_network_is_one_range_and_fills_the_budget() {
        let seen: BTreeMap<IpAddr, u64> = (0..=255).map(|last| (IpAddr::from([198, 51, 100, last]), 1)).collect();
        let found = suggest(&seen, BUDGET);
        assert_eq!((texts(&found.ranges), found.addresses), (vec!["198.51.100.0/24".to_owned()], 256));
    }

    #[test]
    fn overlapping_ranges_count_once() {
        let range = |start: &str, end: &str| IpRange { start: start.parse().unwrap(), end: end.parse().unwrap() };
        let (first, inner) = (range("192.0.2.0", "192.0.2.99"), range("192.0.2.10", "192.0.2.20"));
        let (overlap, apart) = (range("192.0.2.90", "192.0.2.109"), range("198.51.100.1", "198.51.100.1"));
        assert_eq!(addresses_in(&[overlap, apart, inner, first, first]), 111);
        assert_eq!(addresses_in(&[range("2001:db8::", "2001:db8::ff"), apart]), 257);
        assert_eq!(addresses_in(&[range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), apart]), u128::MAX);
        assert_eq!(addresses_in(&[]), 0);
    }

    /// All ways to cover sorted addresses by ranges that each hold at least one: the fewest ranges within the budget, and
    /// how few addresses those can hold. Slow and obvious: the lowest address is covered by each possible range in turn.
    fn brute_force(addresses: &[u32], budget: u64) -> Option<(usize, u64)> {
        let Some(first) = addresses.first() else { return Some((0, 0)) };
        let ways = (0..=32).filter_map(|prefix| {
            let range = Ipv4Net::new((*first).into(), prefix).unwrap().trunc();
            let size = size(range.into());
            let others: Vec<u32> =
                addresses.iter().copied().filter(|address| !range.contains(&Ipv4Addr::from(*address))).collect();
            let (ranges, rest) = brute_force(&others, budget.checked_sub(size)?)?;
            Some((ranges + 1, rest + size))
        });
        ways.min()
    }

    proptest! {
        #[test]
        fn lists_cover_fit_and_are_the_smallest(
            addresses in proptest::collection::btree_set(0_u32..64, 0..7), budget in 7_u64..70,
        ) {
            let seen = addresses.iter().map(|address| (IpAddr::V4((*address).into()), 1)).collect();
            let found = suggest(&seen, budget);
            let addresses: Vec<u32> = addresses.into_iter().collect();
            prop_assert_eq!(Some((found.ranges.len(), found.addresses)), brute_force(&addresses, budget));
            let exact: u64 = found.exact.iter().map(|range| size(*range)).sum();
            prop_assert_eq!(usize::try_from(exact).unwrap(), addresses.len());
            prop_assert_eq!(Some(found.exact.len()), brute_force(&addresses, exact).map(|(ranges, _)| ranges));
        }

        #[test]
        fn every_address_is_let_in_or_told(
            seen in proptest::collection::btree_map(any::<IpAddr>(), 0_u64..9, 0..40), close in 0_u64..30, budget in 0_u64..60,
        ) {
            let neighbours = (0..close).map(|last| (IpAddr::from([192, 0, 2, u8::try_from(last * 3).unwrap()]), last));
            let seen: BTreeMap<IpAddr, u64> = seen.into_iter().chain(neighbours).collect();
            let found = suggest(&seen, budget);
            prop_assert!(found.addresses <= budget);
            prop_assert_eq!(found.uses_let_in + found.uses_blocked, seen.values().sum::<u64>());
            let least_kept = seen.keys().map(IpAddr::to_canonical)
                .filter(|address| !found.blocked.contains_key(address));
            for address in least_kept {
                let holds = |ranges: &[IpNet]| ranges.iter().filter(|range| range.contains(&address)).count();
                prop_assert_eq!((holds(&found.ranges), holds(&found.exact)), (1, 1));
            }
            prop_assert_eq!(&suggest(&seen, budget), &found);
        }
    }
}
