//! A user who came with browsers and products so far comes with a scripting library.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::client::is_scripting_library;

pub(super) static DETECTOR: Detector = Detector {
    id: "scripted-client",
    version: 1,
    title: "User acts through a scripting library for the first time",
    family: Family::Client,
    severity: Severity::Medium,
    integration: Severity::Low,
    techniques: &["T1550.001", "T1078.004"],
    doc: include_str!("scripted_client.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::User],
        pattern: Pattern::FirstSeenAmong {
            of: Role::ClientFamily,
            interest: is_scripting_library,
            first_ever: true,
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
    sentence: "{user} acted through {client library}, which scripts are written with, for the first time: {events|event}, {rows|row} returned. In {baseline active days|active day} before there were only other clients.",
    next_step: "Ask {user} whether they wrote or ran a script. If not, look at which app and network it came from, and end the sessions of {user}.",
};
