//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{PermittedUsers, Stated};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "users-approved-none",
    version: 1,
    title: "App that nobody is assigned to has tokens",
    severity: Severity::High,
    techniques: &["T1528", "T1550.001"],
    doc: include_str!("users_approved_none.md"),
    limits: &[],
    setup_path: "Setup › Connected Apps OAuth Usage › the app: revoke its tokens, or assign the profiles that need it.",
    when_fixed: "What still works with those tokens stops.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    match &case.app.permitted_users {
        Stated::Known(PermittedUsers::AdminApproved) => {}
        Stated::Known(PermittedUsers::SelfAuthorized) => {
            return Verdict::not_applicable("nobody has to be assigned: users authorise it themselves");
        }
        other => return Verdict::unsaid("permitted users", other),
    }
    let assigned = match &case.app.assigned_to {
        Stated::Known(assigned) => assigned,
        other => return Verdict::unsaid("assignments", other),
    };
    if !assigned.is_empty() {
        return Verdict::pass("profiles or permission sets are assigned to it").with("assigned", assigned.len());
    }
    if !case.org.lists_tokens() {
        return Verdict::unknown("nobody is assigned to it, and no export lists tokens");
    }
    let tokens = case.used.map_or(0, |used| used.tokens.len());
    if tokens == 0 {
        return Verdict::pass("nobody is assigned to it, and it has no tokens");
    }
    Verdict::fail("nobody is assigned to it, and it has tokens from before").with("tokens", tokens)
}
