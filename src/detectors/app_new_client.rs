//! A connected app is used with a client library that this user of it never used.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-new-client",
    version: 1,
    title: "Connected app used with a new client library",
    family: Family::Client,
    severity: Severity::Medium,
    integration: Severity::High,
    techniques: &["T1550.001", "T1078.004"],
    doc: include_str!("app_new_client.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: // Who logs in through the browser uses no connected app.
        Matching::And(&[DONE, Matching::Not(&Matching::Is(Role::App, "Browser"))]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeen { of: Role::ClientFamily, within: None, sum: Some(Role::Rows) },
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
            value: 3,
            unit: Unit::Count,
            source: "project default: an app that keeps to so few is steady",
        },
    ],
    sentence: "{user} used {app} with {client library} for the first time: {events|event}, {rows|row} returned. In {baseline active days|active day} before, it never did.",
    next_step: "Ask the owner or vendor of {app} whether they changed their client to {client library}. If nobody knows it, revoke the tokens of {user} for {app} and look at what was read with it.",
};
