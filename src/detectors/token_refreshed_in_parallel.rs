//! Tokens of one user for one app are refreshed from several networks at a time.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "token-refreshed-in-parallel",
    version: 1,
    title: "Tokens refreshed from two networks at a time",
    family: Family::Token,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1550.001"],
    doc: include_str!("token_refreshed_in_parallel.md"),
    watch: Watch {
        tables: &[Table::Logins],
        matching: Matching::And(&[
            DONE,
            Matching::IsIn(Role::LoginSubtype, &["OAuth Refresh Token", "OAuth Refresh Token for Hybrid Apps"]),
        ]),
        subject: &[Role::App, Role::User],
        pattern: Pattern::Sweep { of: Role::Network },
    },
    limits: &[
        Limit {
            name: "at-least",
            value: 2,
            unit: Unit::Count,
            source: "project default: one holder of a token is in one network",
        },
        Limit { name: "within", value: 300, unit: Unit::Seconds, source: "project default" },
        Limit { name: "quiet-days", value: 0, unit: Unit::Days, source: "project default: no habit excuses it" },
    ],
    sentence: "Tokens of {user} for {app} were refreshed from {distinct|network} within {within seconds|second}: {network}.",
    next_step: "Ask the owner or vendor of {app} whether all these networks are theirs. If not, revoke the tokens of {user} for {app}.",
};
