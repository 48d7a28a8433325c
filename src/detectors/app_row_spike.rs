//! A user's connected app returned far more rows in a day than it usually does.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-row-spike",
    version: 2,
    title: "Connected app returned far more rows than usual",
    family: Family::Volume,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1213.004", "T1530"],
    doc: include_str!("app_row_spike.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::Known(Role::User),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Deviation { sum: Role::Rows },
    },
    limits: &[
        Limit {
            name: "baseline-days",
            value: 5,
            unit: Unit::Days,
            source: "project default: fewer active days are no habit",
        },
        Limit {
            name: "deviations",
            value: 6,
            unit: Unit::Count,
            source: "project default: about four standard deviations where days are spread evenly",
        },
        Limit {
            name: "at-least",
            value: 10_000,
            unit: Unit::Count,
            source: "the lowest of Panther's three published numbers of rows",
        },
        Limit {
            name: "ratio",
            value: 3,
            unit: Unit::Count,
            source: "project default: less is a busy day, however steady the days before",
        },
        Limit { name: "like-days", value: 4, unit: Unit::Days, source: "project default: a month of one weekday" },
        Limit {
            name: "known-peak",
            value: 150,
            unit: Unit::Percent,
            source: "project default: month-ends differ by that much",
        },
        Limit {
            name: "far-at-least",
            value: 1000,
            unit: Unit::Count,
            source: "project default: small organisations lose everything in a few thousand rows",
        },
        Limit {
            name: "far-times",
            value: 4,
            unit: Unit::Count,
            source: "project default: a month-end is several times a usual day, not four times the greatest one",
        },
        Limit {
            name: "cold-at-least",
            value: 10_000,
            unit: Unit::Count,
            source: "Panther's number for medium; here it is info, because a new app's first copy is as large",
        },
        Limit { name: "cold-low", value: 50_000, unit: Unit::Count, source: "Panther's number for high" },
        Limit { name: "cold-medium", value: 100_000, unit: Unit::Count, source: "Panther's number for critical" },
    ],
    sentence: "On {day}, {rows|row} went to {user} through {app} in {events|event}. A usual day is {median} \
               ({baseline days|day} to compare with: {compared with}), and the greatest before was {greatest before}.",
    next_step: "Ask the owner of {app} what ran on {day}. If nobody planned it, look at which objects were read and from \
                where, and revoke the tokens of {user} for {app}.",
};
