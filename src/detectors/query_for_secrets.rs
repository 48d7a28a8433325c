//! Queries look for passwords and keys in the text of records.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "query-for-secrets",
    version: 1,
    title: "Query looks for passwords or keys",
    family: Family::Objects,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1552", "T1213"],
    doc: include_str!("query_for_secrets.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::Known(Role::Hunted),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Sweep { of: Role::Hunted },
    },
    limits: &[
        Limit { name: "at-least", value: 1, unit: Unit::Count, source: "project default: one word is enough" },
        Limit {
            name: "within",
            value: 3600,
            unit: Unit::Seconds,
            source: "project default: queries of one hour belong together",
        },
        Limit {
            name: "quiet-days",
            value: 30,
            unit: Unit::Days,
            source: "project default: who looked for such words in the month before the window does so as a habit",
        },
    ],
    sentence: "{user} looked for {words looked for} in the text of records through {app}, in {events|query}.",
    next_step: "Ask {user} or the owner of {app} what they looked for. If nobody knows, find the records that match, and replace every password and key in them.",
};
