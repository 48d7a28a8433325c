//! Calls of sessions that no login in the exports has opened.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "call-without-login",
    version: 1,
    title: "Calls of sessions without a login",
    family: Family::Login,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1550.001", "T1070"],
    doc: include_str!("call_without_login.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: Matching::All,
        subject: &[Role::User],
        pattern: Pattern::Unmatched { named_in: Table::Logins, by: &[Role::LoginHistoryId, Role::LoginKey] },
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 2,
            unit: Unit::Count,
            source: "project default: a single row may be lost from an export",
        },
        Limit {
            name: "margin",
            value: 86_400,
            unit: Unit::Seconds,
            source: "project default: no session lives longer without a call, and logins may be late by a day",
        },
    ],
    sentence: "{user} made {events|call} in {sessions|session} that no login has opened, although logins were exported for \
               that time.",
    next_step: "Ask Salesforce's own login history of {user} for that time. If the login is there, the export is not complete. \
                If it is not, end the sessions and find out how they began.",
};
