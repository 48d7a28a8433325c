//! See the page.

use std::collections::BTreeSet;

use crate::check::{Case, Check, Integration, Judge, Verdict};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "app-shared",
    version: 1,
    title: "Several integrations share one app",
    severity: Severity::Medium,
    techniques: &["T1550.001"],
    doc: include_str!("app_shared.md"),
    limits: &[
        Limit { name: "days", value: 30, unit: Unit::Days, source: "project default: a month's work" },
        Limit {
            name: "percent",
            value: 5,
            unit: Unit::Percent,
            source: "project default: less is somebody trying something",
        },
        Limit { name: "least-calls", value: 100, unit: Unit::Count, source: "project default: fewer show no habits" },
    ],
    setup_path: "Setup › External Client App Manager: an app for each integration, with the scopes that this one needs.",
    when_fixed: "Each integration that moves needs its new consumer key, and users authorise it once more.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    if case.org.inventory.is_none() {
        return Verdict::unknown("without exports nobody knows who uses it");
    }
    let groups = case.integrations_by_calls(case.limit("days"));
    let all: u64 = groups.iter().map(|group| group.calls).sum();
    if i128::from(all) < i128::from(case.limit("least-calls")) {
        return Verdict::unknown("too few of its calls name a client and an address").with("calls", all);
    }
    let is_part =
        |group: &Integration| i128::from(group.calls) * 100 >= i128::from(all) * i128::from(case.limit("percent"));
    let parts: Vec<&Integration> = groups.iter().filter(|group| is_part(group)).collect();
    if parts.len() < 2 {
        return Verdict::pass("its calls come from one group of clients and networks").with("calls", all);
    }
    let users: BTreeSet<&String> = parts.iter().flat_map(|group| &group.users).collect();
    let have_own = users.len() == parts.iter().map(|group| group.users.len()).sum::<usize>();
    let verdict = if have_own && parts.iter().all(|group| !group.users.is_empty()) {
        Verdict::fail("integrations with clients, networks and users of their own share it").at(Severity::High)
    } else {
        Verdict::fail("integrations with clients and networks of their own share it")
    };
    let verdict = verdict.with("groups", parts.len()).with("calls", all);
    let told = |group: &Integration| format!("{}: {} calls", group.told(case), group.calls);
    parts.iter().take(super::LISTED).fold(verdict, |verdict, group| verdict.with("group", told(group)))
}
