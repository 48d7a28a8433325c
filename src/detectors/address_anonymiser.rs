//! Something was done from an address that hides where somebody is.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Unit, Watch};
use crate::finding::Severity;
use crate::lists::{Class, Kind};
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "address-anonymiser",
    version: 1,
    title: "Use from an address that hides where somebody is",
    family: Family::Network,
    severity: Severity::Medium,
    integration: Severity::High,
    techniques: &["T1090.003"],
    doc: include_str!("address_anonymiser.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: DONE,
        subject: &[Role::App, Role::User],
        pattern: Pattern::Listed { of: Role::SourceIp, kind: Kind::Address, class: Class::Anonymiser },
    },
    limits: &[Limit {
        name: "any-time",
        value: 0,
        unit: Unit::Count,
        source: "project default: lists of such addresses are of a day, and say little of another one",
    }],
    sentence: "{user} used {app} from {address}, which the list {list} has as a Tor exit, VPN or proxy: {events|event}.",
    next_step: "Ask {user}, or the owner of {app}, whether they use such a service. Since 24 April 2026 Salesforce freezes \
                users and revokes tokens for traffic of apps from such addresses; if it is not theirs, revoke the tokens.",
};
