//! A connected app is used through a provider that this user of it never used.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-new-provider",
    version: 1,
    title: "Connected app used through a new provider",
    family: Family::Network,
    severity: Severity::Medium,
    integration: Severity::High,
    techniques: &["T1550.001", "T1078.004"],
    doc: include_str!("app_new_provider.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        // Who logs in through the browser uses no connected app.
        matching: Matching::And(&[DONE, Matching::Not(&Matching::Is(Role::App, "Browser"))]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeen { of: Role::Provider, within: None, sum: Some(Role::Rows) },
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
            value: 5,
            unit: Unit::Count,
            source: "project default: as many others show it already",
        },
        Limit {
            name: "common-days",
            value: 14,
            unit: Unit::Days,
            source: "project default: … since this long before the window",
        },
        Limit {
            name: "steady-values",
            value: 3,
            unit: Unit::Count,
            source: "project default: an app that keeps to so few is steady",
        },
    ],
    sentence: "{user} used {app} through {provider} for the first time: {events|event}, {rows|row} returned. In {baseline \
               active days|active day} before, it never came from there.",
    next_step: "Ask the owner or vendor of {app} whether they use {provider}. If nobody knows, revoke the tokens of {user} \
                for {app} and look at what was read from there.",
};
