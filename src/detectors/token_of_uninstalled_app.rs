//! Tokens of an app that is not installed.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "token-of-uninstalled-app",
    version: 1,
    title: "OAuth tokens of an app that is not installed",
    family: Family::Token,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1528"],
    doc: include_str!("token_of_uninstalled_app.md"),
    watch: Watch {
        tables: &[Table::Tokens],
        matching: Matching::And(&[Matching::Known(Role::Token), Matching::Blank(Role::MenuItem)]),
        subject: &[Role::App],
        pattern: Pattern::Spread { of: Role::Token },
    },
    limits: &[Limit {
        name: "at-least",
        value: 1,
        unit: Unit::Count,
        source: "project default: one token reads as much as many",
    }],
    sentence: "There are {distinct|token} of {app}, which is not installed in the organisation.",
    next_step: "Find out who needs {app}. Install it with the policy that only users approved by an administrator may use it, or block it in Setup, Connected Apps OAuth Usage.",
};
