//! A token that nobody has used for more than thirty days.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Ageing, Pattern};

pub(super) static DETECTOR: Detector = Detector {
    id: "token-idle",
    version: 1,
    title: "OAuth token idle for more than 30 days",
    family: Family::Token,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1528"],
    doc: include_str!("token_idle.md"),
    watch: Watch {
        tables: &[Table::Tokens],
        matching: Matching::Known(Role::Token),
        subject: &[Role::Token],
        pattern: Pattern::Age { used: Role::LastUsed, created: Role::Created, of: Ageing::Idle },
    },
    limits: &[
        Limit {
            name: "more-than",
            value: 30,
            unit: Unit::Days,
            source: "Salesforce partner requirement of 2026: idle refresh tokens end after 30 days",
        },
        Limit { name: "up-to", value: 0, unit: Unit::Days, source: "0: no upper end" },
    ],
    sentence: "The token of {user} for {app} has not been used for {days|day} (last on {last used}). It is one of {such tokens of the app} idle tokens of the app and of {such tokens of the user} of the user.",
    next_step: "Revoke it in Setup under Connected Apps OAuth Usage, unless {user} still needs {app} now and then.",
};
