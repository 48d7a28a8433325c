//! See the page.

use std::collections::BTreeSet;

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::inventory::Trace;

pub(super) static CHECK: Check = Check {
    id: "insecure-flow",
    version: 1,
    title: "App may use an insecure OAuth flow, or does",
    severity: Severity::Medium,
    techniques: &["T1528"],
    doc: include_str!("insecure_flow.md"),
    limits: &[Limit { name: "days", value: 90, unit: Unit::Days, source: "what runs once in a quarter is seen" }],
    setup_path: "Setup › OAuth and OpenID Connect Settings: block the user-agent and the username-password flow; App Manager › \
                 the app › Edit: clear Enable Device Flow.",
    when_fixed: "What logs in by a blocked flow stops at once, through every app: change it to the web server flow with PKCE, \
                 or to the JWT bearer or client credentials flow, first.",
    judge: Judge::App(judge),
};

/// What logins by flows that can be seen begin with. No login subtype stands for the device flow.
const SEEN: [(&str, &str); 2] =
    [("user-agent", "login: OAuth User-Agent"), ("username-password", "login: OAuth Username-Password")];

fn judge(case: &Case<'_>) -> Verdict {
    let org = &case.org.configuration.org;
    let flows = [
        ("user-agent", org.blocks_user_agent.clone().map(|blocked| !blocked)),
        ("username-password", org.blocks_username_password.clone().map(|blocked| !blocked)),
        ("device", case.app.device_flow.clone()),
    ];
    let of = |wanted: &dyn Fn(&Stated<bool>) -> bool| -> Vec<&str> {
        flows.iter().filter(|(_, open)| wanted(open)).map(|(name, _)| *name).collect()
    };
    let open = of(&|open| open.is(&true));
    let untold = of(&|open| open.known().is_none());

    let is_by = |trace: &Trace, begins: &str| trace.used.as_deref().is_some_and(|used| used.starts_with(begins));
    let used: Vec<(&str, &Trace)> = case
        .recent(case.limit("days"))
        .filter_map(|trace| SEEN.iter().find(|(_, begins)| is_by(trace, begins)).map(|(name, _)| (*name, trace)))
        .collect();
    if let Some(last) = used.iter().map(|(_, trace)| trace.last).max() {
        let flows: BTreeSet<&str> = used.iter().map(|(name, _)| *name).collect();
        let users: BTreeSet<&str> = used.iter().filter_map(|(_, trace)| trace.user.as_deref()).collect();
        return Verdict::fail("it logs in by an insecure flow")
            .at(Severity::High)
            .with("flows", flows.into_iter().collect::<Vec<_>>().join(", "))
            .with("logins", used.iter().map(|(_, trace)| trace.events).sum::<u64>())
            .with("users", super::listed(case.names_of(users)))
            .with("last", last);
    }
    if !open.is_empty() {
        return Verdict::fail("nothing keeps it from using an insecure flow").with("open", open.join(", "));
    }
    if !untold.is_empty() {
        return Verdict::unknown("no file says whether insecure flows are open to it")
            .with("untold", untold.join(", "));
    }
    if !case.has_logins() {
        return Verdict::pass("insecure flows are blocked or off").with("logins", "none at hand");
    }
    Verdict::pass("insecure flows are blocked or off, and it does not use them")
}
