//! See the page.

use std::collections::BTreeSet;

use crate::check::{Case, Check, Judge, Verdict};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::inventory::Trace;
use crate::value::Address;

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

/// Clients and networks that calls join: no other group has any of them.
#[derive(Default)]
struct Group<'a> {
    clients: BTreeSet<&'a str>,
    networks: BTreeSet<String>,
    users: BTreeSet<&'a str>,
    calls: u64,
}

fn judge(case: &Case<'_>) -> Verdict {
    if case.org.inventory.is_none() {
        return Verdict::unknown("without exports nobody knows who uses it");
    }
    let calls = case.recent(case.limit("days")).filter(|trace| !trace.is_login);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for trace in calls {
        if let Some(group) = Group::of(trace) {
            take(&mut groups, group);
        }
    }
    let all: u64 = groups.iter().map(|group| group.calls).sum();
    if i128::from(all) < i128::from(case.limit("least-calls")) {
        return Verdict::unknown("too few of its calls name a client and an address").with("calls", all);
    }
    let is_part =
        |group: &Group<'_>| i128::from(group.calls) * 100 >= i128::from(all) * i128::from(case.limit("percent"));
    let mut parts: Vec<&Group<'_>> = groups.iter().filter(|group| is_part(group)).collect();
    parts.sort_by_key(|group| (std::cmp::Reverse(group.calls), &group.clients));
    if parts.len() < 2 {
        return Verdict::pass("its calls come from one group of clients and networks").with("calls", all);
    }
    let users: BTreeSet<&str> = parts.iter().flat_map(|group| &group.users).copied().collect();
    let have_own = users.len() == parts.iter().map(|group| group.users.len()).sum::<usize>();
    let verdict = if have_own && parts.iter().all(|group| !group.users.is_empty()) {
        Verdict::fail("integrations with clients, networks and users of their own share it").at(Severity::High)
    } else {
        Verdict::fail("integrations with clients and networks of their own share it")
    };
    let verdict = verdict.with("groups", parts.len()).with("calls", all);
    parts.iter().take(super::LISTED).fold(verdict, |verdict, group| verdict.with("group", group.told(case)))
}

impl<'a> Group<'a> {
    /// The group of one trace; nothing if its client or its network is not known.
    fn of(trace: &'a Trace) -> Option<Self> {
        let network = Address::parse(trace.address.as_deref()?).ok()?.network();
        Some(Self {
            clients: BTreeSet::from([trace.client.as_deref()?]),
            networks: BTreeSet::from([network.to_string()]),
            users: trace.user.as_deref().into_iter().collect(),
            calls: trace.events,
        })
    }

    fn meets(&self, other: &Self) -> bool {
        !self.clients.is_disjoint(&other.clients) || !self.networks.is_disjoint(&other.networks)
    }

    fn told(&self, case: &Case<'_>) -> String {
        let networks = super::listed(self.networks.iter().map(String::as_str));
        let users = super::listed(case.names_of(self.users.iter().copied()));
        format!("{} from {networks} as {users}: {} calls", super::listed(self.clients.iter().copied()), self.calls)
    }
}

/// Adds a group; those that it meets become one with it.
fn take<'a>(groups: &mut Vec<Group<'a>>, mut new: Group<'a>) {
    for known in groups.extract_if(.., |known| known.meets(&new)).collect::<Vec<_>>() {
        new.clients.extend(known.clients);
        new.networks.extend(known.networks);
        new.users.extend(known.users);
        new.calls += known.calls;
    }
    groups.push(new);
}
