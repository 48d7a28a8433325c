//! See the page.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::apps::allow_list::suggest;
use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{Stated, addresses_in};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "allow-list-size",
    version: 1,
    title: "Refresh token allow-list holds more addresses than it may",
    severity: Severity::Medium,
    techniques: &["T1550.001"],
    doc: include_str!("allow_list_size.md"),
    limits: &[
        Limit {
            name: "addresses",
            value: 256,
            unit: Unit::Count,
            source: "Salesforce's control for partners, April 2026",
        },
        Limit { name: "days", value: 90, unit: Unit::Days, source: "project default" },
    ],
    setup_path: "Setup › External Client App Manager › the app › Edit Settings › OAuth Settings › Refresh Token IP Allowlist.",
    when_fixed: "Refreshes from addresses that are taken out fail.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    let ranges = match &case.app.token_ranges {
        Stated::Known(ranges) if ranges.is_empty() => return Verdict::not_applicable("it has no allow-list"),
        Stated::Known(ranges) => ranges,
        Stated::Unknown(_) | Stated::Unsaid => return Verdict::unknown("no file says whether it has an allow-list"),
    };
    let addresses = addresses_in(ranges);
    let most = u64::try_from(case.limit("addresses")).unwrap_or(0);
    let verdict = if addresses > u128::from(most) {
        Verdict::fail("its ranges together hold more addresses than the list may")
    } else {
        Verdict::pass("its ranges fit the list")
    };
    let verdict = verdict.with("addresses", u64::try_from(addresses).unwrap_or(u64::MAX));
    let mut seen: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for trace in case.recent(case.limit("days")).filter(|trace| trace.is_refresh()) {
        if let Some(address) = trace.ip() {
            *seen.entry(address).or_default() += trace.events;
        }
    }
    if seen.is_empty() {
        return verdict;
    }
    let suggestion = suggest(&seen, most);
    let texts: Vec<String> = suggestion.ranges.iter().map(ToString::to_string).collect();
    verdict
        .with("addresses seen", seen.len())
        .with("suggestion", super::listed(texts.iter().map(String::as_str)))
        .with("uses that it would block", suggestion.uses_blocked)
}
