//! A token that is about to end for want of use.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Ageing, Pattern};

pub(super) static DETECTOR: Detector = Detector {
    id: "token-expiring-idle",
    version: 1,
    title: "OAuth token about to end for want of use",
    family: Family::Token,
    severity: Severity::Info,
    integration: Severity::Low,
    techniques: &[],
    doc: include_str!("token_expiring_idle.md"),
    watch: Watch {
        tables: &[Table::Tokens],
        matching: Matching::Known(Role::Token),
        subject: &[Role::Token],
        pattern: Pattern::Age { used: Role::LastUsed, created: Role::Created, of: Ageing::Idle },
    },
    limits: &[
        Limit { name: "more-than", value: 23, unit: Unit::Days, source: "project default: a week before the end" },
        Limit {
            name: "up-to",
            value: 30,
            unit: Unit::Days,
            source: "Salesforce partner requirement of 2026: idle refresh tokens end after 30 days",
        },
    ],
    sentence: "The token of {user} for {app} has not been used for {days|day} (last on {last used}). Where idle tokens end after 30 days, this one is next.",
    next_step: "If {app} is still needed, use it once or tell its owner; if not, revoke the token.",
};
