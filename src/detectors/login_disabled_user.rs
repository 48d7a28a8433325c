//! Somebody tries to log in as a user who is inactive or frozen.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::codes;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-disabled-user",
    version: 1,
    title: "Login tried as an inactive or frozen user",
    family: Family::Access,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1078.004"],
    doc: include_str!("login_disabled_user.md"),
    watch: Watch {
        tables: &[Table::Logins],
        matching: Matching::Satisfies(Role::Status, codes::is_barred_user),
        subject: &[Role::User],
        pattern: Pattern::Burst,
    },
    limits: &[
        Limit { name: "at-least", value: 1, unit: Unit::Count, source: "project default: one is one too many" },
        Limit {
            name: "within",
            value: 86400,
            unit: Unit::Seconds,
            source: "project default: tries of a day are one finding",
        },
    ],
    sentence: "Somebody tried {events|time} to log in as {user}, who is inactive or frozen.",
    next_step: "Find what still has the credentials of {user}: an old integration, a former employee, or somebody who took them. Revoke tokens that are left.",
};
