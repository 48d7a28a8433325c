//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{AppConfiguration, AppKind, Stated};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "ranges-lost-in-move",
    version: 1,
    title: "External client app has lost the ranges of its connected app",
    severity: Severity::High,
    techniques: &["T1562"],
    doc: include_str!("ranges_lost_in_move.md"),
    limits: &[],
    setup_path: "Setup › External Client App Manager › the app › Edit Settings › OAuth Settings: enter the ranges of the \
                 connected app again.",
    when_fixed: "Requests from other addresses are asked to verify, or refused: see first where the app comes from now.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    let app = case.app;
    if app.kind != AppKind::ExternalClientApp {
        return Verdict::not_applicable("it is no external client app");
    }
    let mut before = case.org.configuration.apps.iter().filter(|other| is_predecessor(other, app));
    let Some(before) = before.find(|other| !ranges(other).is_empty()) else {
        return Verdict::not_applicable("no connected app of its name that has ranges is at hand");
    };
    let had = |verdict: Verdict| {
        verdict.with("connected app", before.shown_name()).with("ranges it has", ranges(before).len())
    };
    match (ranges(app).len(), &app.trusted_ranges) {
        (0, Stated::Known(_)) => had(Verdict::fail("it has no ranges, and the connected app that it replaces has")),
        (0, other) => had(Verdict::unsaid("trusted ranges", other)),
        (count, _) => had(Verdict::pass("it has ranges, as the connected app of its name has")).with("ranges", count),
    }
}

/// Whether an app is the connected app that an external client app was made from: of its consumer key or of its name.
fn is_predecessor(other: &AppConfiguration, app: &AppConfiguration) -> bool {
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    let names = |app: &'_ AppConfiguration| [Some(app.name.clone()), app.label.clone()].into_iter().flatten();
    other.kind == AppKind::ConnectedApp
        && (other.consumer_key.is_some() && other.consumer_key == app.consumer_key
            || names(other).any(|theirs| names(app).any(|own| same(&own, &theirs))))
}

/// All ranges of an app that are known.
fn ranges(app: &AppConfiguration) -> Vec<crate::configuration::IpRange> {
    [&app.trusted_ranges, &app.token_ranges].into_iter().filter_map(Stated::known).flatten().copied().collect()
}
