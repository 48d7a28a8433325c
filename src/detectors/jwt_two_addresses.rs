//! The same assertion, by its claims, comes from two addresses.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "jwt-two-addresses",
    version: 1,
    title: "JWT assertion sent from two addresses",
    family: Family::Network,
    severity: Severity::High,
    integration: Severity::High,
    techniques: &["T1550.001", "T1528"],
    doc: include_str!("jwt_two_addresses.md"),
    watch: Watch {
        tables: &[Table::Assertions],
        matching: Matching::Known(Role::Claims),
        subject: &[Role::Issuer, Role::Principal, Role::Claims],
        pattern: Pattern::Spread { of: Role::SourceIp },
    },
    limits: &[Limit {
        name: "at-least",
        value: 2,
        unit: Unit::Count,
        source: "one signer sends an assertion from one place",
    }],
    sentence: "One assertion for {user} came from {distinct} addresses: {address}.",
    next_step: "Find out whether both addresses are the signer's. If not, the assertion or the signing key has been stolen: \
                replace the certificate of the app and revoke its sessions.",
};
