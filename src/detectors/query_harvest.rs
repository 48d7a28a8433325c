//! A session pages through a lot of rows.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "query-harvest",
    version: 1,
    title: "Session pages through many rows of query results",
    family: Family::Volume,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1213"],
    doc: include_str!("query_harvest.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::And(&[Matching::Is(Role::Operation, "QueryMore"), Matching::Known(Role::Session)]),
        subject: &[Role::App, Role::User, Role::Session],
        pattern: Pattern::Harvest { sum: Role::Rows },
    },
    limits: &[
        Limit { name: "at-least", value: 10, unit: Unit::Count, source: "project default: ten pages" },
        Limit { name: "within", value: 3600, unit: Unit::Seconds, source: "project default: one hour" },
        Limit {
            name: "sum-at-least",
            value: 20_000,
            unit: Unit::Count,
            source: "project default: ten pages of 2000 rows",
        },
        Limit {
            name: "quiet-days",
            value: 30,
            unit: Unit::Days,
            source: "project default: who paged so in the month before the window does so as a habit",
        },
    ],
    sentence: "{user} paged through {rows|row} of query results in {events|call} of one session through {app}, as it had not done before.",
    next_step: "Look at which objects were paged through and from where. If no first load or migration was planned, revoke the tokens of {user} for {app}.",
};
