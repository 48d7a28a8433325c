//! The same assertion id arrives more than once.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "jwt-replay",
    version: 1,
    title: "JWT assertion sent more than once",
    family: Family::Token,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1550.001"],
    doc: include_str!("jwt_replay.md"),
    watch: Watch {
        tables: &[Table::Assertions],
        matching: Matching::Known(Role::AssertionId),
        subject: &[Role::Issuer, Role::Principal, Role::AssertionId],
        pattern: Pattern::Burst,
    },
    limits: &[
        Limit { name: "at-least", value: 2, unit: Unit::Count, source: "RFC 7519 section 4.1.7: an id is used once" },
        Limit {
            name: "within",
            value: 86_400,
            unit: Unit::Seconds,
            source: "project default: long after the assertion has expired",
        },
    ],
    sentence: "The assertion {assertion} for {user} was sent {events|time}; each assertion may be sent once.",
    next_step: "If the signer retries by sending the same assertion again, let it sign a new one. If it does not, somebody \
                has copied the assertion: compare the source addresses and replace the signing key.",
};
