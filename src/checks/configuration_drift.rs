//! See the page.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{Case, Check, Judge, Verdict};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "configuration-drift",
    version: 1,
    title: "App is set up otherwise than it is expected to be",
    severity: Severity::Medium,
    techniques: &["T1562"],
    doc: include_str!("configuration_drift.md"),
    limits: &[],
    setup_path: "Setup › View Setup Audit Trail: see who made the change. Then set it back, or commit it to what is expected.",
    when_fixed: "What relied on the change stops.",
    judge: Judge::App(judge),
};

/// So many settings are told.
const TOLD: usize = 6;

fn judge(case: &Case<'_>) -> Verdict {
    let Some(expected) = case.org.expected else {
        return Verdict::not_applicable("nothing was given that says how it is expected to be");
    };
    let mut same = expected.apps.iter().filter(|app| app.kind == case.app.kind && app.name == case.app.name);
    let Some(expected) = same.next() else {
        return Verdict::fail("it is not among the apps that are expected").at(Severity::High);
    };
    let (expected, found): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (expected.settings().into_iter().collect(), case.app.settings().into_iter().collect());
    // What one of them does not say is no difference: files of one kind may not have been retrieved.
    let names: BTreeSet<&str> = expected.keys().filter(|name| found.contains_key(*name)).copied().collect();
    if names.is_empty() {
        return Verdict::unknown("the two have no setting in common that files say");
    }
    let differ: Vec<&&str> = names.iter().filter(|name| expected[**name] != found[**name]).collect();
    let compared = |verdict: Verdict| verdict.with("settings compared", names.len());
    if differ.is_empty() {
        return compared(Verdict::pass("it is set up as expected"));
    }
    let verdict = compared(Verdict::fail("settings are not as expected")).with("settings that differ", differ.len());
    differ.iter().take(TOLD).fold(verdict, |verdict, name| {
        verdict.with("setting", format!("{name}: {} and not {}", found[**name], expected[**name]))
    })
}
