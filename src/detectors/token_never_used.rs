//! A token that was granted and never used.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Ageing, Pattern};

pub(super) static DETECTOR: Detector = Detector {
    id: "token-never-used",
    version: 1,
    title: "OAuth token never used",
    family: Family::Token,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1528"],
    doc: include_str!("token_never_used.md"),
    watch: Watch {
        tables: &[Table::Tokens],
        matching: Matching::Known(Role::Token),
        subject: &[Role::Token],
        pattern: Pattern::Age { used: Role::LastUsed, created: Role::Created, of: Ageing::NeverUsed },
    },
    limits: &[Limit {
        name: "more-than",
        value: 7,
        unit: Unit::Days,
        source: "project default: whoever grants access uses it within a week",
    }],
    sentence: "The token of {user} for {app} was granted {days|day} ago (on {created}) and never used. It is one of {such tokens of the app} such tokens of the app.",
    next_step: "Ask {user} whether the grant was meant; revoke it if not.",
};
