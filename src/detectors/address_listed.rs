//! Something was done from an address that was seen in an attack.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::lists::{Class, Kind};
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "address-listed",
    version: 1,
    title: "Use from an address that was seen in an attack",
    family: Family::Network,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1078.004", "T1550.001"],
    doc: include_str!("address_listed.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::App, Role::User],
        pattern: Pattern::Listed { of: Role::SourceIp, kind: Kind::Address, class: Class::Indicator },
    },
    limits: &[Limit {
        name: "any-time",
        value: 1,
        unit: Unit::Count,
        source: "project default: whether an indicator was ever met is what one asks first",
    }],
    sentence: "{user} used {app} from {address}, which is on the list {list}: {events|event}.",
    next_step: "Find out who used {app} as {user} from {address}. If nobody did, revoke the tokens of {user}, look at what \
                was read from there, and look for the same address elsewhere.",
};
