//! See the page.

use crate::check::{Case, Check, Judge, Verdict};
use crate::configuration::Stated;
use crate::finding::Severity;

pub(super) static CHECK: Check = Check {
    id: "jwt-access-tokens",
    version: 1,
    title: "App's access tokens are JWTs, to which session timeouts do not apply",
    severity: Severity::Info,
    techniques: &[],
    doc: include_str!("jwt_access_tokens.md"),
    limits: &[],
    setup_path: "Setup › App Manager › the app › Edit › OAuth Settings: JWT-based access tokens for named users.",
    when_fixed: "Clients that read the token's claims cannot any more.",
    judge: Judge::App(judge),
};

fn judge(case: &Case<'_>) -> Verdict {
    match &case.app.jwt_access_tokens {
        Stated::Known(true) => Verdict::fail(
            "its access tokens are valid until the time that they carry, whatever its session timeout says",
        ),
        Stated::Known(false) => Verdict::pass("its access tokens end with their sessions"),
        Stated::Unknown(raw) => Verdict::unknown("the setting cannot be read").with("setting", raw.as_str()),
        Stated::Unsaid => Verdict::unknown("no file says which access tokens it gets"),
    }
}
