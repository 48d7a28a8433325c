//! An app goes by a name that was seen in an attack.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::lists::{Class, Kind};
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "app-listed",
    version: 1,
    title: "Connected app with a name that was seen in an attack",
    family: Family::Token,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1528", "T1550.001"],
    doc: include_str!("app_listed.md"),
    watch: Watch {
        tables: &[Table::Tokens, Table::Logins, Table::Calls],
        matching: DONE,
        subject: &[Role::App, Role::User],
        pattern: Pattern::Listed { of: Role::AppName, kind: Kind::AppName, class: Class::Indicator },
    },
    limits: &[Limit {
        name: "any-time",
        value: 1,
        unit: Unit::Count,
        source: "project default: whether an indicator was ever met is what one asks first",
    }],
    sentence: "{user} uses an app that goes by {app name}, a name on the list {list}: {events|event}.",
    next_step: "Ask {user} who told them to allow {app}, and what it is for. If nobody knows it, revoke its tokens, block it and look at what was read through it.",
};
