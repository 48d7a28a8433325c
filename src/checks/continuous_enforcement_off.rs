//! See the page.

use crate::check::{Check, Judge, OrgCase, Verdict};
use crate::configuration::Stated;
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "continuous-enforcement-off",
    version: 1,
    title: "Login ranges are not enforced on every request",
    severity: Severity::Low,
    techniques: &["T1550.001", "T1539"],
    doc: include_str!("continuous_enforcement_off.md"),
    limits: &[],
    setup_path: "Setup › Session Settings › Enforce login IP ranges on every request.",
    when_fixed: "Sessions that leave the login ranges end at the next request: phones and people on the move among them.",
    judge: Judge::Org(judge),
};

fn judge(case: &OrgCase<'_>) -> Verdict {
    match &case.configuration.org.continuous_enforcement {
        Stated::Known(true) => Verdict::pass("login ranges are enforced on every request"),
        Stated::Known(false) => {
            let profiles = &case.configuration.profiles;
            let with_ranges = profiles.values().filter(|profile| !profile.login_ranges.is_empty()).count();
            let verdict =
                Verdict::fail("login ranges are enforced at logins only").with("profiles with ranges", with_ranges);
            if with_ranges > 0 { verdict.at(Severity::Medium) } else { verdict }
        }
        other => Verdict::unsaid("setting for every request", other),
    }
}
