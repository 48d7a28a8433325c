//! A user has as many tokens of one app as Salesforce allows.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "token-approval-limit",
    version: 1,
    title: "Many OAuth tokens of one user for one app",
    family: Family::Token,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1528"],
    doc: include_str!("token_approval_limit.md"),
    watch: Watch {
        tables: &[Table::Tokens],
        matching: Matching::Known(Role::Token),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Spread { of: Role::Token },
    },
    limits: &[Limit {
        name: "at-least",
        value: 5,
        unit: Unit::Count,
        source: "Salesforce: five approvals for one user and app, a sixth ends the oldest",
    }],
    sentence: "{user} has {distinct|token} of {app}.",
    next_step: "Find out why {app} asks {user} again and again: several devices, a client that does not keep its token, or a second holder. Revoke what is not needed.",
};
