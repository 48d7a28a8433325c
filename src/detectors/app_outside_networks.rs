//! An app is used from outside the networks that it is said to come from.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Pattern, Question};

pub(super) static DETECTOR: Detector = Detector {
    id: "app-outside-networks",
    version: 1,
    title: "Connected app used from outside its declared networks",
    family: Family::Network,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1078.004", "T1550.001"],
    doc: include_str!("app_outside_networks.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::App],
        pattern: Pattern::Grant { question: Question::Elsewhere },
    },
    limits: &[
        Limit {
            name: "least-events",
            value: 1,
            unit: Unit::Count,
            source: "project default: one call is enough for a thief",
        },
        Limit { name: "least-days", value: 0, unit: Unit::Days, source: "not used by this comparison" },
    ],
    sentence: "{app} was used from {network} {events|time}; the register says that it comes from {declared networks} only.",
    next_step: "Ask the owner or the vendor of {app} whether {network} is theirs. If it is not, revoke the tokens of {app}, and look at what was read from there.",
};
