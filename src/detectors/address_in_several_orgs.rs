//! An address that no organisation knew comes to several of them within a week.

use crate::batch::{Role, Table};
use crate::detector::{DONE, Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "address-in-several-orgs",
    version: 1,
    title: "New address in several organisations",
    family: Family::Network,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1078.004", "T1199"],
    doc: include_str!("address_in_several_orgs.md"),
    watch: Watch {
        tables: &[Table::Calls, Table::Logins],
        matching: Matching::And(&[Matching::Known(Role::Org), DONE]),
        subject: &[Role::SourceIp],
        pattern: Pattern::Newcomer { of: Role::Org, name: Role::AppName },
    },
    limits: &[
        Limit { name: "at-least", value: 2, unit: Unit::Count, source: "project default: two are not one by chance" },
        Limit {
            name: "within-days",
            value: 7,
            unit: Unit::Days,
            source: "project default: the published campaigns went through their victims in days",
        },
        Limit {
            name: "history-days",
            value: 7,
            unit: Unit::Days,
            source: "project default: as long as the detection window",
        },
    ],
    sentence: "{address} was never seen before and came to {organisations|organisation} within days ({their ids}), through {apps}.",
    next_step: "Ask the vendor of the app whether the address is theirs. If it is not, treat all organisations that it came to as one incident: revoke the app's tokens there and look at what was read.",
};
