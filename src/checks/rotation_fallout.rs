//! See the page.

use std::collections::BTreeSet;

use crate::batch::Table;
use crate::check::{Case, Check, Judge, Verdict};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::inventory::{SetupChange, Trace};
use crate::value::time::HOUR;

pub(super) static CHECK: Check = Check {
    id: "rotation-fallout",
    version: 1,
    title: "Clients fail since the app's credentials were changed",
    severity: Severity::Low,
    techniques: &[],
    doc: include_str!("rotation_fallout.md"),
    limits: &[
        Limit { name: "within", value: 24, unit: Unit::Count, source: "project default: hours" },
        Limit { name: "days", value: 30, unit: Unit::Days, source: "project default" },
    ],
    setup_path: "At the clients that are named: put the new secret or certificate in.",
    when_fixed: "Nothing stops; what has stopped works again.",
    judge: Judge::App(judge),
};

/// Codes of changes after which clients need other credentials.
const CREDENTIALS: &[&str] = &[
    "changeApplicationCertificate",
    "insertApplicationCertificate",
    "changeApplicationOptionalConsumerSecret",
    "changeApplicationSecretRequiredForRefreshToken",
    "generateOauthStagedCredential",
];

fn judge(case: &Case<'_>) -> Verdict {
    let Some(inventory) = case.org.inventory.filter(|inventory| inventory.has(Table::SetupChanges)) else {
        return Verdict::unknown("no setup changes are at hand");
    };
    let since = case.org.as_of.map_or(i64::MIN, |now| now.0 - case.limit("days") * 24 * HOUR);
    let is_own = |change: &&SetupChange| {
        let named = change.change.as_deref().is_some_and(|words| super::names(words, case.app));
        let is_credential = change.action.as_deref().is_some_and(|action| CREDENTIALS.contains(&action));
        is_credential && named && change.time.0 >= since
    };
    let Some(change) = inventory.changes.iter().rev().find(is_own) else {
        return Verdict::not_applicable("its credentials were not changed, as far as setup changes name it");
    };
    let end = change.time.0 + case.limit("within") * HOUR;
    // Who failed before the change fails for another reason.
    let is_fallout =
        |trace: &&Trace| trace.is_login && !trace.is_done() && (change.time.0..end).contains(&trace.first.0);
    let failing: Vec<&Trace> = case.traces().iter().filter(is_fallout).collect();
    let at = |verdict: Verdict| verdict.with("changed", change.time);
    if failing.is_empty() {
        return at(Verdict::pass("no client began to fail after its credentials were changed"));
    }
    let addresses: BTreeSet<&str> = failing.iter().filter_map(|trace| trace.address.as_deref()).collect();
    let clients: BTreeSet<&str> = failing.iter().filter_map(|trace| trace.client.as_deref()).collect();
    at(Verdict::fail("clients began to fail after its credentials were changed"))
        .with("failures", failing.iter().map(|trace| trace.events).sum::<u64>())
        .with("addresses", super::listed(addresses))
        .with("clients", super::listed(clients))
}
