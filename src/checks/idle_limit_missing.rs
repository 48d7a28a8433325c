//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{RefreshPolicy, Stated};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "idle-limit-missing",
    version: 1,
    title: "Idle refresh tokens do not end",
    severity: Severity::Medium,
    techniques: &["T1528", "T1550.001"],
    doc: include_str!("idle_limit_missing.md"),
    limits: &[Limit {
        name: "days",
        value: 30,
        unit: Unit::Days,
        source: "the idle limit that Salesforce asks of apps",
    }],
    setup_path: "Setup › the app › Manage or Policies › Refresh Token Policy: Expire refresh token if not used for 30 days.",
    when_fixed: "Users and integrations that were idle for longer authorise the app again.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    if let Some(verdict) = case.without_refresh_tokens() {
        return verdict;
    }
    if case.app.idle_limit.is(&true) {
        return Verdict::pass("the idle limit is on");
    }
    let policy = match &case.app.refresh_policy {
        Stated::Known(policy) => *policy,
        other => return Verdict::unsaid("refresh token policy", other),
    };
    let most = case.limit("days").saturating_mul(24);
    // A token that lives no longer is not idle for longer either.
    if let RefreshPolicy::Inactivity(number, unit) | RefreshPolicy::Lifetime(number, unit) = policy {
        let hours = i64::from(number) * i64::from(unit.hours());
        if hours <= most {
            return Verdict::pass("the policy ends idle refresh tokens").with("hours", hours);
        }
    }
    match &case.app.idle_limit {
        Stated::Known(_) if case.is_partner() == Some(true) => {
            Verdict::fail("idle refresh tokens do not end, and a vendor holds those of many organisations")
                .at(Severity::High)
        }
        Stated::Known(_) => Verdict::fail("idle refresh tokens do not end"),
        other => Verdict::unsaid("idle limit", other),
    }
}
