//! A connected app that the organisation did not have before.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-new-grant",
    version: 1,
    title: "Connected app new in the organisation",
    family: Family::Token,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1528"],
    doc: include_str!("app_new_grant.md"),
    watch: Watch {
        tables: &[Table::Tokens, Table::Logins, Table::Calls],
        matching: Matching::Not(&Matching::Is(Role::App, "Browser")),
        subject: &[Role::App],
        pattern: Pattern::Debut { created: Some(Role::Created) },
    },
    limits: &[Limit {
        name: "history-days",
        value: 7,
        unit: Unit::Days,
        source: "project default: as long as the detection window",
    }],
    sentence: "{app} was not seen in the organisation before {first seen}; it appears first in {first seen in}.",
    next_step: "Ask who allowed {app}, and whether it is what its name says: names can be chosen freely. Revoke its tokens and block it if nobody knows it.",
};
