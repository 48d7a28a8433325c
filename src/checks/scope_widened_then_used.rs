//! See the page.

use std::collections::BTreeSet;

use crate::apps::scopes::{canonical, needed_for};
use crate::batch::Table;
use crate::check::{Case, Check, Judge, Verdict};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::inventory::{SetupChange, Trace};
use crate::value::setup_change;
use crate::value::time::DAY;

pub(super) static CHECK: Check = Check {
    id: "scope-widened-then-used",
    version: 1,
    title: "App was granted another scope, and has used it since",
    severity: Severity::High,
    techniques: &["T1098.001"],
    doc: include_str!("scope_widened_then_used.md"),
    limits: &[Limit { name: "days", value: 30, unit: Unit::Days, source: "project default" }],
    setup_path: "Setup › App Manager › the app › Edit › Selected OAuth Scopes: ask who added the scope, and take it back.",
    when_fixed: "What the app does with the scope stops.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    let Some(inventory) = case.org.inventory.filter(|inventory| inventory.has(Table::SetupChanges)) else {
        return Verdict::unknown("no setup changes are at hand");
    };
    let since = case.org.as_of.map_or(i64::MIN, |now| now.0 - case.limit("days") * DAY);
    let widened = inventory.changes.iter().filter(|change| change.time.0 >= since);
    let widened: Vec<(&SetupChange, Vec<String>)> = widened.filter_map(|change| widening(change, case)).collect();
    if widened.is_empty() {
        return Verdict::pass("no scope was added, as far as setup changes name the app");
    }
    for (change, added) in widened.iter().rev() {
        let is_use = |trace: &&Trace| {
            let needed = trace.used.as_deref().and_then(needed_for);
            trace.is_done()
                && needed.is_some_and(|needed| needed.iter().any(|scope| added.iter().any(|own| own == scope)))
        };
        let shown: Vec<&Trace> = case.traces().iter().filter(is_use).collect();
        // Who did the same before did not need the scope for it.
        let news = shown.iter().filter(|trace| trace.first >= change.time);
        let news: Vec<&&Trace> =
            news.filter(|new| !shown.iter().any(|old| old.first < change.time && old.used == new.used)).collect();
        if !news.is_empty() {
            let uses: BTreeSet<&str> = news.iter().filter_map(|trace| trace.used.as_deref()).collect();
            return Verdict::fail(
                "a scope was added to it, and what needs the scope was done for the first time since",
            )
            .with("added", added.join(", "))
            .with("changed", change.time)
            .with("uses", super::listed(uses))
            .with("events", news.iter().map(|trace| trace.events).sum::<u64>());
        }
    }
    let added: BTreeSet<&str> = widened.iter().flat_map(|(_, added)| added).map(String::as_str).collect();
    Verdict::pass("a scope was added to it, and no export shows that it has been used")
        .with("added", super::listed(added))
}

/// The scopes that a change adds to the app.
fn widening<'c>(change: &'c SetupChange, case: &Case<'_>) -> Option<(&'c SetupChange, Vec<String>)> {
    let (app, before, after) = setup_change::scopes(change.change.as_deref()?)?;
    if !super::is_called(app, case.app) {
        return None;
    }
    let list = |text: &str| text.split(',').map(canonical).filter(|scope| scope != "null").collect::<BTreeSet<_>>();
    let added: Vec<String> = list(after).difference(&list(before)).cloned().collect();
    (!added.is_empty() && !list(before).is_empty()).then_some((change, added))
}
