//! A token was used, by its own account, on days of which the logs tell nothing of its app and user.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "token-use-unlogged",
    version: 1,
    title: "Token used without a trace in the logs",
    family: Family::Token,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1528", "T1070"],
    doc: include_str!("token_use_unlogged.md"),
    watch: Watch {
        tables: &[Table::Tokens, Table::Logins, Table::Calls],
        matching: Matching::And(&[
            Matching::Known(Role::App),
            Matching::Known(Role::User),
            Matching::Not(&Matching::Is(Role::App, "Browser")),
        ]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Unlogged { used: Role::LastUsed, logged_in: Table::Logins },
    },
    limits: &[Limit {
        name: "margin-days",
        value: 1,
        unit: Unit::Days,
        source: "project default: logs may be late by a day",
    }],
    sentence: "The token of {user} for {app} says that it was used on {last used}, and neither logins nor calls tell of {app} and {user} on the days about that, although logins were exported for them.",
    next_step: "Ask Salesforce's login history for {user} and that time. If the login is there, the export is not complete. If it is not, treat the token as used by somebody else: revoke it.",
};
