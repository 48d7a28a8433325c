//! An app and its user make many more calls in a quarter of an hour than they usually do.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "query-burst",
    version: 2,
    title: "Many more calls in a quarter of an hour than usual",
    family: Family::Volume,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1213"],
    doc: include_str!("query_burst.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::App, Role::User],
        pattern: Pattern::Rush,
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 200,
            unit: Unit::Count,
            source: "project default: fewer calls are no burst for anybody",
        },
        Limit {
            name: "times",
            value: 5,
            unit: Unit::Count,
            source: "project default: five times the own busiest quarter, of which most days have one",
        },
        Limit {
            name: "history-days",
            value: 5,
            unit: Unit::Days,
            source: "project default: fewer active days are no habit",
        },
        Limit {
            name: "cold-at-least",
            value: 1000,
            unit: Unit::Count,
            source: "project default: the published burst of June 2026 had about 1,000 queries in 15 minutes",
        },
    ],
    sentence: "{user} made {most in a quarter|call} through {app} in one quarter of an hour; the busiest one of a usual day had {usual in the busiest quarter}. {events|call} in {quarters|quarter} in all.",
    next_step: "Ask the owner of {app} whether a migration or a first load ran. If not, revoke the tokens of {user} for {app} and look at which objects were read.",
};
