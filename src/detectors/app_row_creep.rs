//! A user's connected app returns somewhat more rows than usual, day after day.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-row-creep",
    version: 1,
    title: "Connected app returns more rows day after day",
    family: Family::Volume,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1213.004", "T1030"],
    doc: include_str!("app_row_creep.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::Known(Role::User),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Creep { sum: Role::Rows },
    },
    limits: &[
        Limit {
            name: "baseline-days",
            value: 14,
            unit: Unit::Days,
            source: "project default: a fortnight tells how far days differ",
        },
        Limit { name: "like-days", value: 4, unit: Unit::Days, source: "project default: a month of one weekday" },
        Limit {
            name: "run-days",
            value: 14,
            unit: Unit::Days,
            source: "project default: long enough for a slow theft, short enough to leave a past",
        },
        Limit {
            name: "least-days",
            value: 3,
            unit: Unit::Days,
            source: "project default: fewer are a spike, see `app-row-spike`",
        },
        Limit {
            name: "allowance",
            value: 50,
            unit: Unit::Percent,
            source: "project default: half a standard deviation, the textbook's",
        },
        Limit {
            name: "threshold",
            value: 500,
            unit: Unit::Percent,
            source: "project default: five standard deviations, the textbook's",
        },
        Limit {
            name: "least-spread",
            value: 50,
            unit: Unit::Percent,
            source: "project default: half a doubling, so that steady apps may grow by a third",
        },
        Limit {
            name: "at-least",
            value: 10_000,
            unit: Unit::Count,
            source: "the lowest of Panther's three published numbers of rows, here in addition to the usual ones",
        },
    ],
    sentence: "Since {since}, {app} returned {rows|row} to {user} on {days|active day}, {rows above usual} more than \
               usual. No day need stand out: together they do. A usual day is {median}, by {baseline days|day} before.",
    next_step: "Ask the owner of {app} what changed on {since}: more data, a new job, or somebody else with its token. \
                Compare addresses, user agents and objects of the days before and after.",
};
