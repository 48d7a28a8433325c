//! See the page.

use std::collections::BTreeSet;

use crate::apps::policy::{Verdict as Policy, effective};
use crate::check::{Case, Check, Judge, Verdict};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::inventory::Trace;

pub(super) static CHECK: Check = Check {
    id: "policy-contradiction",
    version: 1,
    title: "Logins contradict the IP policy",
    severity: Severity::High,
    techniques: &["T1078.004"],
    doc: include_str!("policy_contradiction.md"),
    limits: &[Limit { name: "days", value: 30, unit: Unit::Days, source: "project default" }],
    setup_path: "Setup › Profiles › the profile › Login IP Ranges, and App Manager › the app › Manage › IP Relaxation: find \
                 out which of them is not what the metadata says.",
    when_fixed: "Retrieve the metadata again before anything is changed: an old copy contradicts every login.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    if !case.has_logins() {
        return Verdict::unknown("no logins are at hand");
    }
    let is_jwt_only = case.is_jwt_only() == Some(true);
    let (mut held, mut open) = (0_u64, 0_u64);
    let (mut let_in, mut kept_out) = (Vec::new(), Vec::new());
    for trace in case.of_last(case.limit("days")) {
        let Some(login) = trace.as_login(is_jwt_only) else { continue };
        let profile = trace.user.as_deref().and_then(|user| case.profile(user));
        let policy = effective(case.app, profile, &case.org.configuration.org, &login).verdict;
        match policy {
            Policy::Deny if trace.is_done() => let_in.push(trace),
            Policy::Allow if trace.is_refused_by_address() => kept_out.push(trace),
            Policy::Unknown(_) => open += trace.events,
            Policy::Deny | Policy::Allow => held += trace.events,
        }
    }
    let verdict = if !let_in.is_empty() {
        told(case, Verdict::fail("logins succeeded that its IP policy denies"), &let_in)
    } else if !kept_out.is_empty() {
        told(case, Verdict::fail("logins were refused for their address that its IP policy allows"), &kept_out)
            .at(Severity::Low)
    } else if held > 0 {
        Verdict::pass("logins are as its IP policy says")
    } else if open > 0 {
        Verdict::unknown("what decides about its logins is not known: users with their profiles, or the app's settings")
    } else {
        Verdict::not_applicable("no login through it is at hand")
    };
    verdict.with("agreeing", held).with("undecided", open)
}

fn told(case: &Case<'_>, verdict: Verdict, traces: &[&Trace]) -> Verdict {
    let logins: u64 = traces.iter().map(|trace| trace.events).sum();
    let users: BTreeSet<&str> = traces.iter().filter_map(|trace| trace.user.as_deref()).collect();
    let addresses: BTreeSet<&str> = traces.iter().filter_map(|trace| trace.address.as_deref()).collect();
    verdict
        .with("logins", logins)
        .with("users", super::listed(case.names_of(users)))
        .with("addresses", super::listed(addresses))
}
