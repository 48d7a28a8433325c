//! See the page.

use crate::apps::allow_list::{Applicability, applicability};
use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "allow-list-applicability",
    version: 1,
    title: "Partner app lacks the refresh token allow-list that is asked of it",
    severity: Severity::High,
    techniques: &["T1528", "T1550.001"],
    doc: include_str!("allow_list_applicability.md"),
    limits: &[],
    setup_path: "Setup › External Client App Manager › the app › Edit Settings › OAuth Settings › Enforce Refresh Token IP \
                 Allowlist.",
    when_fixed: "The web server flow and refreshes work from the addresses of the list only: take in every address that the \
                 app comes from first, as `allow-list-size` and `tokentrail plan rollout` suggest.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    match case.is_partner() {
        Some(true) => {}
        Some(false) => return Verdict::not_applicable("it is no partner's app: the allow-list is asked of those"),
        None => return Verdict::unknown("no file says whether it is a partner's app"),
    }
    if case.is_jwt_only() == Some(true) {
        return Verdict::not_applicable("it logs in by JWT bearer only, which never gives a refresh token");
    }
    if let Some(verdict) = case.without_refresh_tokens() {
        return verdict;
    }
    let Applicability { applies, evidence, .. } = applicability(&case.app.callbacks);
    let verdict = match (applies, &case.app.token_ranges) {
        (None, _) => Verdict::unknown("no file says its callbacks, which tell whether the allow-list is asked of it"),
        (Some(false), _) => Verdict::not_applicable("its callbacks exempt it"),
        (Some(true), Stated::Known(ranges)) if ranges.is_empty() => {
            Verdict::fail("the allow-list is asked of it, and it has none")
        }
        (Some(true), Stated::Known(ranges)) => {
            Verdict::pass("it has the allow-list that is asked of it").with("ranges", ranges.len())
        }
        (Some(true), other) => Verdict::unsaid("allow-list", other),
    };
    verdict.with("evidence", evidence)
}
