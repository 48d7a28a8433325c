//! An app and its user call a resource that they never called.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "endpoint-first-use",
    version: 1,
    title: "Connected app calls a resource that it never called before",
    family: Family::Objects,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1526"],
    doc: include_str!("endpoint_first_use.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeen { of: Role::Resource, within: None, sum: Some(Role::Rows) },
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
            value: 5,
            unit: Unit::Count,
            source: "project default: as many others show it already",
        },
        Limit {
            name: "common-days",
            value: 14,
            unit: Unit::Days,
            source: "project default: … since this long before the window",
        },
        Limit {
            name: "steady-values",
            value: 0,
            unit: Unit::Count,
            source: "project default: a new one weighs the same for every app",
        },
    ],
    sentence: "{user} called {resource} through {app} for the first time: {events|call}. In {baseline active days|active day} before, it never did.",
    next_step: "Ask the owner of {app} whether this is a new feature. If not, look at which token and network it came from.",
};
