//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::{RefreshPolicy, Stated};
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "refresh-token-endless",
    version: 1,
    title: "Refresh tokens live too long",
    severity: Severity::High,
    techniques: &["T1528", "T1550.001"],
    doc: include_str!("refresh_token_endless.md"),
    limits: &[Limit { name: "days", value: 90, unit: Unit::Days, source: "a quarter; no source gives a number" }],
    setup_path: "Setup › the app › Manage or Policies › Refresh Token Policy: Expire refresh token if not used for 30 days.",
    when_fixed: "Users and integrations that were idle for longer authorise the app again.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    if let Some(verdict) = case.without_refresh_tokens() {
        return verdict;
    }
    let policy = match &case.app.refresh_policy {
        Stated::Known(policy) => *policy,
        other => return Verdict::unsaid("refresh token policy", other),
    };
    let most = case.limit("days").saturating_mul(24);
    let (hours, is_idle) = match policy {
        RefreshPolicy::UntilRevoked => (i64::MAX, true),
        RefreshPolicy::Inactivity(number, unit) => (i64::from(number) * i64::from(unit.hours()), true),
        RefreshPolicy::Lifetime(number, unit) => (i64::from(number) * i64::from(unit.hours()), false),
        RefreshPolicy::None => return Verdict::not_applicable("it has no refresh tokens"),
    };
    if hours <= most {
        return Verdict::pass("refresh tokens end in time").with("hours", hours);
    }
    let is_endless = policy == RefreshPolicy::UntilRevoked;
    match &case.app.idle_limit {
        Stated::Known(true) if is_endless => {
            Verdict::pass("endless in metadata; in effect 30 days, as the idle limit is on")
        }
        Stated::Known(true) if is_idle => {
            Verdict::pass("in effect 30 days, as the idle limit is on").with("hours", hours)
        }
        Stated::Known(false) if is_endless => Verdict::fail("refresh tokens are valid until somebody revokes them"),
        Stated::Unsaid | Stated::Unknown(_) if is_idle => Verdict::unsaid("idle limit", &case.app.idle_limit),
        _ => Verdict::fail("refresh tokens live longer than need be").at(Severity::Medium).with("hours", hours),
    }
}
