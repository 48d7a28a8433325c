//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::detector::{Limit, Unit};
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "pkce-missing",
    version: 1,
    title: "App does not require PKCE",
    severity: Severity::Medium,
    techniques: &["T1528"],
    doc: include_str!("pkce_missing.md"),
    limits: &[Limit {
        name: "exclusive",
        value: 0,
        unit: Unit::Count,
        source: "0: Salesforce has confidential clients send both; 1: a document holds that PKCE and a secret exclude each other",
    }],
    setup_path: "Setup › App Manager › the app › Edit › Require Proof Key for Code Exchange (PKCE).",
    when_fixed: "Clients that send no code challenge cannot log in: change them first.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    match case.uses_code_flow() {
        Some(true) => {}
        Some(false) => return Verdict::not_applicable("it does not use the code flow"),
        None => return Verdict::unknown("it cannot be told whether it uses the code flow"),
    }
    let is_required = match &case.app.pkce_required {
        Stated::Known(is_required) => *is_required,
        other => return Verdict::unsaid("PKCE setting", other),
    };
    let is_public = case.app.secret_optional.known().copied();
    match (is_required, is_public, case.limit("exclusive") != 0) {
        (true, Some(false), true) => Verdict::fail("it requires both PKCE and a client secret"),
        (true, None, true) => Verdict::unsaid("secret setting", &case.app.secret_optional),
        (true, ..) => Verdict::pass("it requires PKCE"),
        (false, Some(true), _) => {
            Verdict::fail("it asks for neither a client secret nor PKCE: whoever has the code gets the token")
                .at(Severity::High)
        }
        (false, ..) => Verdict::fail("it does not require PKCE"),
    }
}
