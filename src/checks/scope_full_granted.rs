//! See the page.

use crate::apps::Principal;
use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "scope-full-granted",
    version: 1,
    title: "App is granted the scope full",
    severity: Severity::Critical,
    techniques: &["T1098.001", "T1528"],
    doc: include_str!("scope_full_granted.md"),
    limits: &[],
    setup_path: "Setup › App Manager › the app › Edit › Selected OAuth Scopes: replace Full access by what the app uses.",
    when_fixed: "Users have to authorise the app again; what it did beyond the scopes that are left stops.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    let scopes = match &case.app.scopes {
        Stated::Known(scopes) => scopes,
        Stated::Unknown(raw) => return Verdict::unknown("its scopes cannot be read").with("scopes", raw.as_str()),
        Stated::Unsaid => return Verdict::unknown("no file says which scopes it has"),
    };
    if !scopes.iter().any(|scope| scope == "full") {
        return Verdict::pass("it is not granted full").with("scopes", scopes.join(", "));
    }
    let by_people = case.traces().iter().filter_map(|trace| trace.user.as_deref());
    let by_people = by_people.filter(|user| case.principal(user) == Some(Principal::Person)).count();
    let verdict = Verdict::fail("its tokens reach all that their users can reach").with("scopes", scopes.join(", "));
    // What a person can do is less than what an integration user mostly can.
    if by_people > 0 { verdict.at(Severity::High) } else { verdict }
}
