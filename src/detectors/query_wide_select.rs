//! An app and its user take all or many columns of an object, as they never did.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::selection::is_wide;

pub(super) static DETECTOR: Detector = Detector {
    id: "query-wide-select",
    version: 1,
    title: "Query takes more columns than this app and user ever took",
    family: Family::Objects,
    severity: Severity::Low,
    integration: Severity::Info,
    techniques: &["T1213"],
    doc: include_str!("query_wide_select.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeenAmong {
            of: Role::Selection,
            interest: is_wide,
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
    sentence: "{user} took {selection} through {app} for the first time: {events|query}, {rows|row} returned. In {baseline active days|active day} before, it never did.",
    next_step: "Ask the owner of {app} whether it has come to need all of these columns. If not, see whether the rows left the organisation.",
};
