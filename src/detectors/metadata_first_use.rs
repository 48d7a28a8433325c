//! An app and its user list or describe objects, and never did.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::probe;

pub(super) static DETECTOR: Detector = Detector {
    id: "metadata-first-use",
    version: 1,
    title: "Connected app lists or describes objects for the first time",
    family: Family::Objects,
    severity: Severity::Low,
    integration: Severity::Medium,
    techniques: &["T1526"],
    doc: include_str!("metadata_first_use.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeenAmong {
            of: Role::Resource,
            interest: probe::is_metadata,
            first_ever: true,
            sum: None,
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
    sentence: "{user} called {resource} through {app}: {events|call}. In {baseline active days|active day} before, it never asked which objects there are.",
    next_step: "Ask the owner of {app} why it lists or describes objects now. If nobody knows, revoke the tokens of {user} for {app} and look at what was read since.",
};
