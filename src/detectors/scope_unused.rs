//! An app was granted a scope that it never needed.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Pattern, Question};

pub(super) static DETECTOR: Detector = Detector {
    id: "scope-unused",
    version: 1,
    title: "Connected app was granted a scope that it does not use",
    family: Family::Policy,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1098"],
    doc: include_str!("scope_unused.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::App],
        pattern: Pattern::Grant { question: Question::Unused },
    },
    limits: &[
        Limit { name: "least-events", value: 20, unit: Unit::Count, source: "project default" },
        Limit {
            name: "least-days",
            value: 7,
            unit: Unit::Days,
            source: "project default: a shorter record proves nothing",
        },
    ],
    sentence: "{app} was granted \"{scope}\" and never used it: in {events|event} there is not {would show as}.",
    next_step: "Ask the owner of {app} whether \"{scope}\" is needed for something rare; if not, remove it.",
};
