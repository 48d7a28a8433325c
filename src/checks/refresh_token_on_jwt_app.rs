//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "refresh-token-on-jwt-app",
    version: 1,
    title: "App that logs in by JWT bearer uses refresh tokens, too",
    severity: Severity::Medium,
    techniques: &["T1550.001"],
    doc: include_str!("refresh_token_on_jwt_app.md"),
    limits: &[Limit { name: "days", value: 90, unit: Unit::Days, source: "project default" }],
    setup_path: "Setup › App Manager › the app › Edit › OAuth Settings: remove the scope refresh_token and what enables other \
                 flows; Connected Apps OAuth Usage: revoke its tokens.",
    when_fixed: "Whoever uses the second flow has to log in by JWT bearer.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    let has_certificate = case.app.certificate.known().map(Option::is_some);
    match has_certificate {
        Some(true) => {}
        Some(false) => return Verdict::not_applicable("it has no certificate to log in by JWT bearer with"),
        None => return Verdict::unknown("no file says whether it has a certificate"),
    }
    if case.org.inventory.is_none() {
        return Verdict::unknown("no logins and no tokens are at hand");
    }
    let recent = || case.recent(case.limit("days"));
    let logins = |used: &str| -> u64 {
        recent().filter(|trace| trace.used.as_deref() == Some(used)).map(|trace| trace.events).sum()
    };
    let by_assertion = logins("login: Remote Access 2.0");
    let refreshes: u64 = recent().filter(|trace| trace.is_refresh()).map(|trace| trace.events).sum();
    let tokens = case.used.map_or(0, |used| used.tokens.len());
    if by_assertion == 0 {
        return Verdict::not_applicable("no login by assertion is at hand")
            .with("refreshes", refreshes)
            .with("tokens", tokens);
    }
    let verdict = if refreshes > 0 || tokens > 0 {
        Verdict::fail("JWT bearer gives no refresh tokens, and it has or uses some: a second flow is in use")
    } else {
        Verdict::pass("it logs in by assertion, and has no refresh tokens")
    };
    verdict.with("logins by assertion", by_assertion).with("refreshes", refreshes).with("tokens", tokens)
}
