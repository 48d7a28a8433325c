//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "session-too-long",
    version: 1,
    title: "App's sessions last long",
    severity: Severity::Medium,
    techniques: &["T1550.001"],
    doc: include_str!("session_too_long.md"),
    limits: &[
        Limit { name: "minutes", value: 120, unit: Unit::Count, source: "project default: two hours" },
        Limit { name: "high-minutes", value: 480, unit: Unit::Count, source: "project default: a working day" },
    ],
    setup_path: "Setup › Connected Apps › Manage Connected Apps › the app › Edit Policies › Session Policies › Timeout Value.",
    when_fixed: "Access tokens end sooner: clients that do not refresh them by themselves have to log in again.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    if case.app.jwt_access_tokens.is(&true) {
        return Verdict::not_applicable(
            "its access tokens are JWTs, which end when they say and not when a session does",
        );
    }
    let of_org = &case.org.configuration.org.session_timeout;
    let (minutes, of) = match (&case.app.session_timeout, of_org) {
        (Stated::Known(Some(minutes)), _) => (*minutes, "the app"),
        (Stated::Unknown(raw), _) => {
            return Verdict::unknown("its timeout cannot be read").with("timeout", raw.as_str());
        }
        (Stated::Unsaid, _) => return Verdict::unknown("no file says its session timeout"),
        (Stated::Known(None), Stated::Known(Some(minutes))) => (*minutes, "the organisation"),
        (Stated::Known(None), _) => return Verdict::unknown("it has the organisation's timeout, which no file says"),
    };
    let verdict = match i64::from(minutes) {
        minutes if minutes > case.limit("high-minutes") => {
            Verdict::fail("its sessions last very long").at(Severity::High)
        }
        minutes if minutes > case.limit("minutes") => Verdict::fail("its sessions last long"),
        _ => Verdict::pass("its sessions end in time"),
    };
    verdict.with("minutes", minutes).with("said by", of)
}
