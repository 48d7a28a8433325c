//! See the page.

use std::collections::BTreeMap;

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "refresh-outside-allow-list",
    version: 1,
    title: "Refresh tokens are used from outside of the app's allow-list",
    severity: Severity::High,
    techniques: &["T1550.001"],
    doc: include_str!("refresh_outside_allow_list.md"),
    limits: &[Limit { name: "days", value: 30, unit: Unit::Days, source: "project default" }],
    setup_path: "Setup › External Client App Manager › the app › Edit Settings › OAuth Settings › Refresh Token IP Allowlist.",
    when_fixed: "Refreshes from addresses that are not in the list fail: take in first what belongs to the app.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    let ranges = match &case.app.token_ranges {
        Stated::Known(ranges) if ranges.is_empty() => return Verdict::not_applicable("it has no allow-list"),
        Stated::Known(ranges) => ranges,
        Stated::Unknown(_) | Stated::Unsaid => return Verdict::unknown("no file says whether it has an allow-list"),
    };
    if !case.has_logins() {
        return Verdict::unknown("no logins are at hand");
    }
    let (mut inside, mut unknown) = (0, 0);
    let mut outside: BTreeMap<&str, u64> = BTreeMap::new();
    let mut succeeded = 0;
    for trace in case.of_last(case.limit("days")).filter(|trace| trace.is_refresh()) {
        match (trace.ip(), trace.address.as_deref()) {
            (Some(ip), _) if ranges.iter().any(|range| range.contains(ip)) => inside += trace.events,
            (Some(_), Some(address)) => {
                *outside.entry(address).or_default() += trace.events;
                succeeded += if trace.is_done() { trace.events } else { 0 };
            }
            _ => unknown += trace.events,
        }
    }
    let refreshes: u64 = outside.values().sum();
    let verdict = if succeeded > 0 {
        Verdict::fail("refreshes from outside of its allow-list succeeded: the list is not in force")
    } else if refreshes > 0 {
        Verdict::fail("somebody tried refresh tokens from outside of its allow-list").at(Severity::Medium)
    } else if inside > 0 {
        Verdict::pass("all refreshes came from its allow-list")
    } else {
        return Verdict::not_applicable("no refresh is at hand");
    };
    verdict
        .with("refreshes inside", inside)
        .with("refreshes outside", refreshes)
        .with("without an address", unknown)
        .with("addresses outside", super::listed(outside.into_keys()))
}
