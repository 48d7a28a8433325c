//! An administrator logs in as another user.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "login-as",
    version: 1,
    title: "Administrator logged in as another user",
    family: Family::Access,
    severity: Severity::Info,
    integration: Severity::Info,
    techniques: &["T1098"],
    doc: include_str!("login_as.md"),
    watch: Watch {
        tables: &[Table::Sessions],
        matching: Matching::Is(Role::Action, "LoginAs"),
        subject: &[Role::User],
        pattern: Pattern::Spread { of: Role::Target },
    },
    limits: &[Limit {
        name: "at-least",
        value: 1,
        unit: Unit::Count,
        source: "project default: each is worth knowing",
    }],
    sentence: "{user} logged in as {distinct|other user} ({events|time}).",
    next_step: "Nothing, if {user} does support work. Else ask {user} what it was for.",
};
