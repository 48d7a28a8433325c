//! Assertions that live longer than Salesforce allows.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "jwt-long-lifetime",
    version: 1,
    title: "JWT assertions that live too long",
    family: Family::Token,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1550.001"],
    doc: include_str!("jwt_long_lifetime.md"),
    watch: Watch {
        tables: &[Table::Assertions],
        matching: Matching::All,
        subject: &[Role::Issuer, Role::Principal],
        pattern: Pattern::Skew { from: Role::IssuedAt, to: Role::ExpiresAt },
    },
    limits: &[
        Limit { name: "warn-above", value: 180, unit: Unit::Seconds, source: "Salesforce: exp within three minutes" },
        Limit { name: "fail-above", value: 180, unit: Unit::Seconds, source: "Salesforce: exp within three minutes" },
        Limit {
            name: "hard-above",
            value: 3600,
            unit: Unit::Seconds,
            source: "project default: a stolen assertion would be good for an hour",
        },
        Limit {
            name: "ahead-by",
            value: 0,
            unit: Unit::Seconds,
            source: "an assertion cannot expire before it was issued",
        },
    ],
    sentence: "Assertions for {user} are valid for up to {worst seconds} seconds ({assertions} of them beyond the limit); \
               Salesforce allows three minutes.",
    next_step: "Set exp to at most 180 seconds after iat in the signer.",
};
