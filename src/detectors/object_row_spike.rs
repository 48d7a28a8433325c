//! A user's connected app read far more rows of one object in a day than it usually does.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "object-row-spike",
    version: 2,
    title: "Connected app read far more rows of an object than usual",
    family: Family::Volume,
    severity: Severity::Low,
    integration: Severity::Medium,
    techniques: &["T1213.004"],
    doc: include_str!("object_row_spike.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::And(&[Matching::Known(Role::User), Matching::Known(Role::Objects)]),
        subject: &[Role::App, Role::User, Role::Objects],
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
            source: "project default: about four standard deviations where days are spread evenly; Datadog's rule asks \
                     for more than three",
        },
        Limit {
            name: "at-least",
            value: 50_000,
            unit: Unit::Count,
            source: "project default: below that, `app-row-spike` speaks of the whole day",
        },
        Limit { name: "ratio", value: 3, unit: Unit::Count, source: "project default, as in `app-row-spike`" },
        Limit { name: "like-days", value: 4, unit: Unit::Days, source: "project default: a month of one weekday" },
        Limit {
            name: "known-peak",
            value: 150,
            unit: Unit::Percent,
            source: "project default: month-ends differ by that much",
        },
        Limit {
            name: "far-at-least",
            value: 0,
            unit: Unit::Count,
            source: "project default: off, because app-row-spike looks at small organisations",
        },
        Limit {
            name: "far-times",
            value: 10,
            unit: Unit::Count,
            source: "project default; of no effect while far-at-least is 0",
        },
        Limit {
            name: "cold-at-least",
            value: 0,
            unit: Unit::Count,
            source: "project default: off, because an object that is new is no matter of rows",
        },
        Limit { name: "cold-low", value: 0, unit: Unit::Count, source: "project default: off" },
        Limit { name: "cold-medium", value: 0, unit: Unit::Count, source: "project default: off" },
    ],
    sentence: "On {day}, {user} read {rows|row} of {objects} through {app} in {events|event}. A usual day is {median} \
               ({baseline days|day} to compare with: {compared with}), and the greatest before was {greatest before}.",
    next_step: "Ask the owner of {app} why so much of {objects} was read on {day}, and look for what secrets those \
                records hold.",
};
