//! An app and its user touch an object of value that they never touched.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::object::is_sensitive;

pub(super) static DETECTOR: Detector = Detector {
    id: "sensitive-object-first-use",
    version: 1,
    title: "Connected app touches an object of value that it never touched before",
    family: Family::Objects,
    severity: Severity::Low,
    integration: Severity::Medium,
    techniques: &["T1213"],
    doc: include_str!("sensitive_object_first_use.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeenAmong {
            of: Role::Objects,
            interest: is_sensitive,
            first_ever: false,
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
            source: "project default: a new one weighs the same for every app",
        },
    ],
    sentence: "{user} touched {objects} through {app} for the first time: {events|event}, {rows|row} returned. In {baseline active days|active day} before, it never did.",
    next_step: "Ask the owner of {app} why it reads {objects} now. If nobody knows, revoke the tokens of {user} for {app} and look at what was read.",
};
