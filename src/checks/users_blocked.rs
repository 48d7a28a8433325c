//! See the page.

use std::collections::BTreeSet;

use crate::check::{Case, Check, Judge, Verdict};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::inventory::Trace;

pub(super) static CHECK: Check = Check {
    id: "users-blocked",
    version: 1,
    title: "Users are refused because nobody has let them use the app",
    severity: Severity::Low,
    techniques: &[],
    doc: include_str!("users_blocked.md"),
    limits: &[Limit { name: "days", value: 30, unit: Unit::Days, source: "project default" }],
    setup_path: "Setup › Connected Apps › Manage Connected Apps › the app › Manage Profiles, or Manage Permission Sets.",
    when_fixed: "Those whom you add can use it. Add nobody without asking: a refusal may be what the policy is for.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    if !case.has_logins() {
        return Verdict::unknown("no logins are at hand");
    }
    let recent = || case.of_last(case.limit("days")).filter(|trace| trace.is_login);
    let refused: Vec<&Trace> = recent().filter(|trace| trace.is_not_approved()).collect();
    let users: BTreeSet<&str> = refused.iter().filter_map(|trace| trace.user.as_deref()).collect();
    let succeeded = recent().filter(|trace| trace.is_done()).map(|trace| trace.events).sum::<u64>();
    if !refused.is_empty() {
        return Verdict::fail("users were refused who are not approved for it")
            .with("refusals", refused.iter().map(|trace| trace.events).sum::<u64>())
            .with("users", super::listed(case.names_of(users)))
            .with("logins that succeeded", succeeded);
    }
    if succeeded == 0 {
        return Verdict::not_applicable("no login through it is at hand");
    }
    Verdict::pass("nobody was refused for want of approval").with("logins that succeeded", succeeded)
}
