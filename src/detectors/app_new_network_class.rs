//! A connected app is used from a kind of provider that this user of it never came from: from a rented machine.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::networks;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-new-network-class",
    version: 1,
    title: "Connected app used from a new kind of network",
    family: Family::Network,
    severity: Severity::Medium,
    integration: Severity::High,
    techniques: &["T1550.001", "T1583.003"],
    doc: include_str!("app_new_network_class.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        // Who logs in through the browser uses no connected app.
        matching: Matching::And(&[DONE, Matching::Not(&Matching::Is(Role::App, "Browser"))]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeenAmong {
            of: Role::NetworkClass,
            interest: networks::is_for_rent,
            first_ever: false,
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
            source: "project default: that others come from a rented machine is no excuse",
        },
        Limit { name: "common-days", value: 14, unit: Unit::Days, source: "project default: see `common-subjects`" },
        Limit {
            name: "steady-values",
            value: 3,
            unit: Unit::Count,
            source: "project default: an app that keeps to so few is steady",
        },
    ],
    sentence: "{user} used {app} from a {network class} network for the first time: {events|event}, {rows|row} returned. In {baseline active days|active day} before, it never came from such a one.",
    next_step: "Ask the owner or vendor of {app} whether they moved. If nobody knows, revoke the tokens of {user} for {app} and look at what was read from there.",
};
