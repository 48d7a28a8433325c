//! See the page.

use crate::apps::scopes;
use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{PermittedUsers, Stated};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "users-self-authorised",
    version: 1,
    title: "Users may authorise the app themselves",
    severity: Severity::Medium,
    techniques: &["T1528"],
    doc: include_str!("users_self_authorised.md"),
    limits: &[],
    setup_path: "Setup › the app › Manage or Policies › Permitted Users: Admin approved users are pre-authorized, and assign profiles or permission sets.",
    when_fixed: "Users without an assigned profile or permission set are refused at once.",
    judge: Judge::App(judge),
};

const RISKY: [&str; 3] = ["full", "api", "refresh_token"];

fn judge(case: &Case<'_>) -> Verdict {
    match &case.app.permitted_users {
        Stated::Known(PermittedUsers::AdminApproved) => return Verdict::pass("administrators say who may use it"),
        Stated::Known(PermittedUsers::SelfAuthorized) => {}
        other => return Verdict::unsaid("permitted users", other),
    }
    let verdict = Verdict::fail("every user may authorise it");
    let Stated::Known(granted) = &case.app.scopes else { return verdict };
    let is_risky = |word: &String| scopes::find(word).is_some_and(|scope| RISKY.contains(&scope.meaning()));
    let severity = if granted.iter().any(is_risky) { Severity::High } else { Severity::Low };
    verdict.at(severity).with("scopes", granted.join(", "))
}
