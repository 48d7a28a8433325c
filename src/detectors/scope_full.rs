//! An app in use was granted the scope `full`.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::{Pattern, Question};

pub(super) static DETECTOR: Detector = Detector {
    id: "scope-full",
    version: 1,
    title: "Connected app was granted full access",
    family: Family::Policy,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1098"],
    doc: include_str!("scope_full.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::App],
        pattern: Pattern::Grant { question: Question::FullGranted },
    },
    limits: &[
        Limit { name: "least-events", value: 1, unit: Unit::Count, source: "project default" },
        Limit { name: "least-days", value: 0, unit: Unit::Days, source: "not used by this comparison" },
    ],
    sentence: "{app} was granted \"full\": whoever holds one of its tokens can do all that the user can. It was seen to use: {all uses}.",
    next_step: "Grant {app} only what it uses (most integrations need \"api\" and \"refresh_token\") and remove \"full\".",
};
