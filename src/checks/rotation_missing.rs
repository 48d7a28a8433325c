//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "rotation-missing",
    version: 1,
    title: "Refresh tokens can be used again and again",
    severity: Severity::Medium,
    techniques: &["T1528", "T1550.001"],
    doc: include_str!("rotation_missing.md"),
    limits: &[],
    setup_path: "Setup › App Manager › the app › Edit › Enable Refresh Token Rotation.",
    when_fixed: "A client that does not keep the new token of each refresh loses access; it may not be possible to turn rotation off again.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    if let Some(verdict) = case.without_refresh_tokens() {
        return verdict;
    }
    match &case.app.rotation {
        Stated::Known(true) => Verdict::pass("each refresh token can be used once"),
        Stated::Known(false) if case.is_partner() == Some(true) => {
            Verdict::fail("its refresh tokens are not rotated, and a vendor holds those of many organisations")
                .at(Severity::High)
        }
        Stated::Known(false) => Verdict::fail("its refresh tokens are not rotated"),
        other => Verdict::unsaid("rotation of refresh tokens", other),
    }
}
