//! See the page.

use crate::check::{Case, Check, Judge, Verdict, is_same_profile};
use crate::configuration::PermittedUsers;
use crate::finding::Severity;
use crate::inventory::UserState;

pub(super) static CHECK: Check = Check {
    id: "tokens-orphaned",
    version: 1,
    title: "Tokens of users who may not use the app any more",
    severity: Severity::High,
    techniques: &["T1528", "T1078.004"],
    doc: include_str!("tokens_orphaned.md"),
    limits: &[],
    setup_path: "Setup › Connected Apps OAuth Usage › the app: revoke the tokens of these users.",
    when_fixed: "What still works with those tokens stops; find out first what that is.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    let Some(inventory) = case.org.inventory.filter(|_| case.org.lists_tokens()) else {
        return Verdict::unknown("no export lists tokens");
    };
    let tokens = case.used.map_or(&[][..], |used| &used.tokens);
    if tokens.is_empty() {
        return Verdict::pass("it has no tokens");
    }
    if inventory.users.is_empty() {
        return Verdict::unknown("no export lists users").with("tokens", tokens.len());
    }
    let (mut gone, mut unassigned, mut untold) = (0_u64, 0_u64, 0_u64);
    for token in tokens {
        let user = token.user.as_ref().and_then(|id| Some((id, inventory.users.get(id)?)));
        let is_gone = |user: &UserState| user.active == Some(false) || user.frozen == Some(true);
        match user.map(|(id, user)| (is_gone(user), is_assigned(case, id, user))) {
            Some((true, _)) => gone += 1,
            Some((false, Some(false))) => unassigned += 1,
            Some((false, _)) => {}
            None => untold += 1,
        }
    }
    let verdict = match (gone, unassigned, untold) {
        (0, 0, 0) => Verdict::pass("each token is of a user who may use it"),
        (0, 0, _) => Verdict::unknown("some of its users are in no list of users"),
        _ => Verdict::fail("it has tokens of users who are gone, or to whom it is not assigned"),
    };
    let verdict =
        verdict.with("tokens", tokens.len()).with("inactive or frozen", gone).with("not assigned", unassigned);
    if untold > 0 { verdict.with("users not listed", untold) } else { verdict }
}

/// Whether the user's profile or permission set is assigned, where administrators say who may use the app; nothing if a
/// permission set may be among what is assigned, and no export says who has it.
fn is_assigned(case: &Case<'_>, id: &str, user: &UserState) -> Option<bool> {
    let assigned =
        case.app.assigned_to.known().filter(|_| case.app.permitted_users.is(&PermittedUsers::AdminApproved))?;
    let profile = user.profile.as_deref()?;
    if assigned.iter().any(|name| is_same_profile(name, profile)) {
        return Some(true);
    }
    let has_set = |name: &String| case.org.configuration.assigned.get(name).map(|users| users.contains(id));
    if assigned.iter().any(|name| has_set(name) == Some(true)) {
        return Some(true);
    }
    let is_told = |name: &String| case.org.profile_called(name).is_some() || has_set(name).is_some();
    assigned.iter().all(is_told).then_some(false)
}
