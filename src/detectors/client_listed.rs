//! Something was done with a user agent that was seen in an attack.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::lists::{Class, Kind};
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "client-listed",
    version: 1,
    title: "Use with a user agent that was seen in an attack",
    family: Family::Client,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1078.004", "T1550.001"],
    doc: include_str!("client_listed.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::App, Role::User],
        pattern: Pattern::Listed { of: Role::Client, kind: Kind::UserAgent, class: Class::Indicator },
    },
    limits: &[Limit {
        name: "any-time",
        value: 1,
        unit: Unit::Count,
        source: "project default: whether an indicator was ever met is what one asks first",
    }],
    sentence: "{user} used {app} with {client}, which is on the list {list}: {events|event}.",
    next_step: "Find out who runs {client} for {app}. If nobody does, revoke the tokens of {user} for {app}, look at what \
                was read, and look for the same client elsewhere.",
};
