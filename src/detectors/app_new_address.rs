//! A connected app is used from an address that this user of it never used, in a network that is known.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-new-address",
    version: 1,
    title: "Connected app used from a new address in a known network",
    family: Family::Network,
    severity: Severity::Info,
    integration: Severity::Low,
    techniques: &["T1550.001", "T1078.004"],
    doc: include_str!("app_new_address.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: Matching::And(&[
            DONE,
            Matching::Not(&Matching::Is(Role::App, "Browser")),
            // A host changes its IPv6 address within its /64 daily, by design (RFC 8981).
            Matching::Not(&Matching::Satisfies(Role::SourceIp, |address| address.contains(':'))),
        ]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::FirstSeen { of: Role::SourceIp, within: Some(Role::Network), sum: Some(Role::Rows) },
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
    sentence: "{user} used {app} from the address {address} for the first time ({events|event}, {rows|row} returned); \
               the network around it is known from {baseline events|earlier event}.",
    next_step: "If {address} is not yours or the vendor's, ask who runs it; otherwise nothing needs to be done.",
};
