//! See the page.

use crate::apps::Principal;
use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{IpRelaxation, PolicyAction, SessionLevel, Stated};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "ip-relaxation-unjustified",
    version: 1,
    title: "App lets its users come from anywhere",
    severity: Severity::Medium,
    techniques: &["T1550.001", "T1078.004"],
    doc: include_str!("ip_relaxation_unjustified.md"),
    limits: &[Limit { name: "days", value: 90, unit: Unit::Days, source: "as long as use is looked at elsewhere" }],
    setup_path: "Setup › the app › Manage or Policies › IP Relaxation: Enforce IP restrictions.",
    when_fixed: "Whoever comes from outside the login ranges of the profile is refused: add the ranges first.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    if case.is_jwt_only() == Some(true) {
        return Verdict::not_applicable(
            "JWT bearer is its only flow, for which Salesforce enforces login ranges whatever is set",
        );
    }
    let relaxation = match &case.app.ip_relaxation {
        Stated::Known(IpRelaxation::Enforce) => return Verdict::pass("login ranges are enforced"),
        Stated::Known(relaxation) => *relaxation,
        other => return Verdict::unsaid("IP relaxation", other),
    };
    let users = case.recent_users(case.limit("days"));
    let count = |principal| users.iter().filter(|user| case.principal(user) == Some(principal)).count();
    let (people, integrations) = (count(Principal::Person), count(Principal::Integration));
    let mut severity = if people > 0 { Severity::High } else { CHECK.severity };
    if relaxation != IpRelaxation::Relax {
        severity = less(severity);
    }
    let is_assured = case.app.session_level.is(&Some(SessionLevel::HighAssurance))
        && case.app.policy_action.is(&Some(PolicyAction::Block));
    if is_assured {
        severity = less(severity);
    }
    let why = match relaxation {
        IpRelaxation::RelaxActivatedDevices => "users of activated devices may come from anywhere",
        IpRelaxation::EnforceRelaxRefresh => "with a refresh token users may come from anywhere",
        _ => "its users may come from anywhere",
    };
    let told = Verdict::fail(why).at(severity).with("people", people).with("integrations", integrations);
    if is_assured { told.with("high assurance", "required") } else { told }
}

fn less(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    }
}
