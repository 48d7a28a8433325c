//! A user's connected app returned rows to a new network while its usual work went on at those that it is known from.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-rows-elsewhere",
    version: 1,
    title: "Connected app returned rows to a new network beside its usual work",
    family: Family::Volume,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1213.004", "T1550.001"],
    doc: include_str!("app_rows_elsewhere.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::And(&[Matching::Known(Role::App), Matching::Known(Role::User)]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Beside { of: Role::Network, sum: Role::Rows },
    },
    limits: &[
        Limit {
            name: "baseline-days",
            value: 5,
            unit: Unit::Days,
            source: "project default: fewer active days are no habit",
        },
        Limit { name: "like-days", value: 4, unit: Unit::Days, source: "project default: a month of one weekday" },
        Limit {
            name: "deviations",
            value: 6,
            unit: Unit::Count,
            source: "project default: about four standard deviations where days are spread evenly",
        },
        Limit {
            name: "at-least",
            value: 1000,
            unit: Unit::Count,
            source: "project default: small organisations lose everything in a few thousand rows",
        },
        Limit {
            name: "share",
            value: 25,
            unit: Unit::Percent,
            source: "project default: less than a quarter of a usual day is its ups and downs",
        },
        Limit {
            name: "usual-share",
            value: 50,
            unit: Unit::Percent,
            source: "project default: with less than half of a usual day left at home, the work has moved",
        },
    ],
    sentence: "On {day}, {rows|row} went to {user} through {app} in the new network {network}, in {events|event}, while \
               {rows at known ones} went where it is known from. A usual day is {median} ({baseline days|day} to compare \
               with).",
    next_step: "The usual work went on, so {app} has not moved: ask its owner or vendor who else works from {network}. If \
                nobody knows it, look at what was read from there and revoke the tokens of {user} for {app}.",
};
