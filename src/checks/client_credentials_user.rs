//! See the page.

use crate::apps::Principal;
use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::finding::Severity;
use crate::value::codes;

pub(super) static CHECK: Check = Check {
    id: "client-credentials-user",
    version: 1,
    title: "Client credentials flow runs as somebody who may do everything",
    severity: Severity::Critical,
    techniques: &["T1078.004"],
    doc: include_str!("client_credentials_user.md"),
    limits: &[],
    setup_path: "Setup › App Manager › the app › Manage › Edit Policies › Client Credentials Flow › Run As: an integration user \
                 of its own with the permissions that the app needs.",
    when_fixed: "What the app does with permissions that the new user lacks stops.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    match &case.app.client_credentials {
        Stated::Known(true) => {}
        Stated::Known(false) => return Verdict::not_applicable("its client credentials flow is off"),
        Stated::Unknown(raw) => return Verdict::unknown("the setting cannot be read").with("setting", raw.as_str()),
        Stated::Unsaid => return Verdict::unknown("no file says whether its client credentials flow is on"),
    }
    let Some(name) = case.app.client_credentials_user.as_deref() else {
        return Verdict::unknown("no file says as whom its client credentials flow runs");
    };
    let users = case.org.inventory.map(|inventory| &inventory.users);
    let found = users.and_then(|users| users.iter().find(|(_, user)| user.username.as_deref() == Some(name)));
    let Some((id, user)) = found else {
        return Verdict::unknown("the user that it runs as is not in an export of users").with("user", name);
    };
    let powers = case.profile(id).map(|profile| profile.powers.join(", ")).unwrap_or_default();
    let is_administrator = user.profile.as_deref().is_some_and(codes::is_administrator);
    let verdict = if user.modifies_all == Some(true) || is_administrator || !powers.is_empty() {
        Verdict::fail("its secret alone lets anybody do what an administrator may do")
    } else if case.principal(id) == Some(Principal::Person) {
        Verdict::fail("it runs as a person, who logs in interactively, too").at(Severity::Medium)
    } else if user.modifies_all.is_none() && case.profile(id).is_none() {
        Verdict::unknown("no file says what the user that it runs as may do")
    } else {
        Verdict::pass("it runs as a user with limited permissions")
    };
    let verdict = verdict.with("user", name).with("profile", user.profile.as_deref().unwrap_or("unknown"));
    if powers.is_empty() { verdict } else { verdict.with("may", powers) }
}
