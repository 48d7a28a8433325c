//! An app does what none of its granted scopes covers.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Pattern, Question};

pub(super) static DETECTOR: Detector = Detector {
    id: "scope-outside-grant",
    version: 1,
    title: "Connected app does what it was not granted",
    family: Family::Policy,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1550.001", "T1098"],
    doc: include_str!("scope_outside_grant.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::App],
        pattern: Pattern::Grant { question: Question::OutsideGrant },
    },
    limits: &[
        Limit { name: "least-events", value: 1, unit: Unit::Count, source: "project default" },
        Limit { name: "least-days", value: 0, unit: Unit::Days, source: "not used by this comparison" },
    ],
    sentence: "{app} did \"{use}\" {events|time}, which needs the scope {needs}; the register says that it was granted only {granted}.",
    next_step: "Compare the register with the app in Setup. If the register is right, the token that did this belongs to another app or grant: find it by its network and revoke it.",
};
