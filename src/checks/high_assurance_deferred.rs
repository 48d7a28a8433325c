//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{PolicyAction, SessionLevel, Stated};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;
use crate::value::time::DAY;

pub(super) static CHECK: Check = Check {
    id: "high-assurance-deferred",
    version: 1,
    title: "High assurance is asked for and not enforced",
    severity: Severity::Medium,
    techniques: &["T1078.004"],
    doc: include_str!("high_assurance_deferred.md"),
    limits: &[Limit { name: "days", value: 30, unit: Unit::Days, source: "project default: a move takes no longer" }],
    setup_path: "Setup › the app › Manage or Policies › Session Policies › High assurance session required: where people log in, \
                 Block once all of them have a second factor.",
    when_fixed: "Block refuses sessions below high assurance, and with them those of integrations: logins by JWT bearer cannot \
                 be high assurance. Do not set it for an app that only uses APIs before it was tried in a sandbox.",
    judge: Judge::App(judge),
};

/// How the sentence of a setup change about session policies goes on behind "Created" or "Changed".
const SESSION_POLICY: &str = "connected app session policy";

fn judge(case: &Case<'_>) -> Verdict {
    match &case.app.session_level {
        Stated::Known(Some(SessionLevel::HighAssurance)) => {}
        Stated::Known(_) => return Verdict::not_applicable("it asks for no high assurance"),
        other => return Verdict::unsaid("session level", other),
    }
    match &case.app.policy_action {
        Stated::Known(Some(PolicyAction::RaiseSessionLevel)) => {}
        Stated::Known(Some(PolicyAction::Block)) => return Verdict::pass("sessions below high assurance are refused"),
        Stated::Known(Some(PolicyAction::StepUp)) => {
            return Verdict::unknown("no source says whether its policy action enforces")
                .with("policy action", "StepUpMFA");
        }
        Stated::Known(None) => return Verdict::unknown("no file says what happens to sessions below high assurance"),
        other => return Verdict::unsaid("policy action", other),
    }
    let changes = case.org.inventory.map_or(&[][..], |inventory| &inventory.changes);
    let (Some(now), Some(oldest)) = (case.org.as_of, changes.first()) else {
        return Verdict::unknown("it switches to high assurance, and no export says since when");
    };
    let is_own = |words: &str| words.contains(SESSION_POLICY) && super::names(words, case.app);
    let own = changes.iter().rev().find(|change| change.change.as_deref().is_some_and(is_own));
    // Without a change the policy is at least as old as what is told of changes.
    let since = own.unwrap_or(oldest).time;
    let days = now.0.saturating_sub(since.0) / DAY;
    let told = match (days > case.limit("days"), own) {
        (true, _) => Verdict::fail("it has been switching to high assurance for long, which asks and does not enforce"),
        (false, Some(_)) => Verdict::pass("it has been switching to high assurance for a short time"),
        (false, None) => Verdict::unknown("setup changes do not reach back far enough to say since when it switches"),
    };
    if own.is_some() { told.with("changed", since).with("days", days) } else { told.with("days at least", days) }
}
