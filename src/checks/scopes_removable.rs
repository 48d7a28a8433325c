//! See the page.

use crate::apps::scopes::{self, needed_for, proof_of};
use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::value::time::DAY;

pub(super) static CHECK: Check = Check {
    id: "scopes-removable",
    version: 1,
    title: "App is granted scopes that it does not use",
    severity: Severity::Medium,
    techniques: &["T1098.001"],
    doc: include_str!("scopes_removable.md"),
    limits: &[
        Limit { name: "days", value: 90, unit: Unit::Days, source: "what runs once in a quarter is seen" },
        Limit { name: "least-days", value: 30, unit: Unit::Days, source: "less shows too little to take a scope away" },
    ],
    setup_path: "Setup › App Manager › the app › Edit › Selected OAuth Scopes: remove what is not used.",
    when_fixed: "What needs a removed scope stops, work that is done once a year too; users may have to authorise the app again.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    let granted = match &case.app.scopes {
        Stated::Known(granted) => granted,
        other => return Verdict::unsaid("scopes", other),
    };
    let (Some(inventory), Some(now)) = (case.org.inventory, case.org.as_of) else {
        return Verdict::unknown("without exports nobody knows what it uses");
    };
    let days = case.limit("days");
    let all = || inventory.apps.values().flat_map(|app| &app.traces);
    let covered = inventory.first.map_or(0, |first| now.0.saturating_sub(first.0) / DAY).min(days);
    if covered < case.limit("least-days") {
        return Verdict::unknown("exports cover too few days to say what it does not use")
            .with("days covered", covered);
    }
    if case.recent(days).next().is_none() {
        return Verdict::unknown("no export shows it in use");
    }
    // What no export at hand would show is not missing.
    let is_shown = |name: &str| match name {
        "api" => all().any(|trace| !trace.is_login),
        _ => all().any(|trace| trace.is_login),
    };
    let used = |name: &str| -> u64 {
        let proves = |used: &str| needed_for(used).is_some_and(|any| any.contains(&name));
        case.recent(days).filter(|trace| trace.used.as_deref().is_some_and(proves)).map(|trace| trace.events).sum()
    };
    let (mut proven, mut removable, mut untold) = (Vec::new(), Vec::new(), Vec::new());
    for word in granted {
        let name = scopes::find(word).map_or(word.as_str(), |scope| scope.meaning());
        match (used(name), proof_of(name)) {
            (0, Some(_)) if is_shown(name) => removable.push(name),
            (0, _) => untold.push(name),
            (events, _) => proven.push(format!("{name} ({events})")),
        }
    }
    let verdict = match (removable.is_empty(), untold.is_empty()) {
        (false, _) => {
            Verdict::fail("it is granted scopes that nothing it did needs").with("removable", removable.join(", "))
        }
        (true, false) if proven.is_empty() => Verdict::unknown("the use of its scopes leaves no trace in exports"),
        (true, _) => Verdict::pass("it uses each scope whose use can be seen"),
    };
    let verdict = verdict.with("used", proven.join(", ")).with("days covered", covered);
    if untold.is_empty() { verdict } else { verdict.with("leaves no trace", untold.join(", ")) }
}
