//! An app uses an API family, operation or login flow that it never used.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "scope-first-use",
    version: 1,
    title: "Connected app uses an API or login flow that it never used before",
    family: Family::Objects,
    severity: Severity::Low,
    integration: Severity::Medium,
    techniques: &["T1550.001", "T1213"],
    doc: include_str!("scope_first_use.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: Matching::And(&[DONE, Matching::Not(&Matching::Is(Role::App, "Browser"))]),
        subject: &[Role::App],
        pattern: Pattern::FirstSeen { of: Role::Use, within: None, sum: Some(Role::Rows) },
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
            source: "project default: a new use weighs the same for every app",
        },
    ],
    sentence: "{app} did \"{use}\" for the first time: {events|event}, {rows|row} returned. In \
               {baseline active days|active day} before, it never did.",
    next_step: "Ask the owner of {app} whether this is a new feature. If not, look at which token and network it came \
                from, and revoke that token.",
};
