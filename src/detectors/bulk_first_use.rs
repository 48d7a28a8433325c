//! A user runs a Bulk API job, and never did.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "bulk-first-use",
    version: 1,
    title: "User runs a bulk job for the first time",
    family: Family::Volume,
    severity: Severity::Low,
    integration: Severity::Medium,
    techniques: &["T1213.004", "T1530"],
    doc: include_str!("bulk_first_use.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::User],
        pattern: Pattern::FirstSeenAmong {
            of: Role::ApiFamily,
            interest: |family| family.starts_with("Bulk"),
            first_ever: true,
            sum: Some(Role::Rows),
        },
    },
    limits: &[
        Limit {
            name: "baseline-days",
            value: 5,
            unit: Unit::Days,
            source: "project default: fewer active days are no habit",
        },
        Limit { name: "baseline-events", value: 20, unit: Unit::Count, source: "project default" },
        Limit {
            name: "common-subjects",
            value: 0,
            unit: Unit::Count,
            source: "project default: what others do is no excuse; 0 turns the test off",
        },
        Limit {
            name: "common-days",
            value: 14,
            unit: Unit::Days,
            source: "project default; of no effect while common-subjects is 0",
        },
        Limit {
            name: "steady-values",
            value: 0,
            unit: Unit::Count,
            source: "project default: a first one weighs the same for everybody",
        },
    ],
    sentence: "{user} used the Bulk API for the first time: {events|event}, {rows|row}. In {baseline active days|active day} before, it never did.",
    next_step: "Ask the owner of {user} which job that was. If nobody knows, revoke its tokens, and treat the objects of the job as taken.",
};
