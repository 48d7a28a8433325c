//! A person uses an app at an hour of the day at which that person hardly ever does.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "unusual-hour",
    version: 1,
    title: "Person active at an unusual hour",
    family: Family::Access,
    severity: Severity::Info,
    integration: Severity::Info,
    techniques: &["T1078.004"],
    doc: include_str!("unusual_hour.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::App, Role::User],
        pattern: Pattern::RareHour,
    },
    limits: &[
        Limit {
            name: "history-days",
            value: 28,
            unit: Unit::Days,
            source: "project default: four weeks show what a week is like",
        },
        Limit {
            name: "history-hours",
            value: 40,
            unit: Unit::Count,
            source: "project default: two hours on each of twenty work days",
        },
        Limit {
            name: "rare-percent",
            value: 1,
            unit: Unit::Percent,
            source: "project default: less than one in a hundred",
        },
    ],
    sentence: "{user} used {app} at an unusual hour: {events|event} in the {hours|hour} from {hour} on. Of {active hours before|active hour} before, {at about this hour} lay at about that time of the day.",
    next_step: "Nothing by itself. With other findings on {user}, ask {user} whether it was them.",
};
