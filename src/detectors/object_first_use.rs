//! An app and its user touch an object that they never touched.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::object::is_ordinary;

pub(super) static DETECTOR: Detector = Detector {
    id: "object-first-use",
    version: 1,
    title: "Connected app touches an object that it never touched before",
    family: Family::Objects,
    severity: Severity::Info,
    integration: Severity::Low,
    techniques: &["T1213"],
    doc: include_str!("object_first_use.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeenAmong {
            of: Role::Objects,
            interest: is_ordinary,
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
    sentence: "{user} touched {objects} through {app} for the first time: {events|event}, {rows|row} returned. In {baseline active days|active day} before, it never did.",
    next_step: "Ask the owner of {app} whether it has come to need {objects}. If not, take the object away from what {user} may read.",
};
