//! A signer's clock drifts: its assertions arrive later from day to day.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "jwt-clock-drift",
    version: 1,
    title: "Clock of a JWT signer is drifting",
    family: Family::Token,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &[],
    doc: include_str!("jwt_clock_drift.md"),
    watch: Watch {
        tables: &[Table::Assertions],
        matching: Matching::All,
        subject: &[Role::Issuer, Role::Principal],
        pattern: Pattern::Drift { from: Role::IssuedAt, to: Role::Time },
    },
    limits: &[
        Limit { name: "least-days", value: 7, unit: Unit::Days, source: "project default: fewer days show no trend" },
        Limit {
            name: "milliseconds-a-day",
            value: 300,
            unit: Unit::Count,
            source: "project default: a clock that NTP keeps does not drift",
        },
        Limit {
            name: "fails-at",
            value: 60,
            unit: Unit::Seconds,
            source: "connected-app security guidance: received within 60 seconds of iat",
        },
    ],
    sentence: "The clock that signs assertions for {user} drifts by {drift seconds a day} seconds a day; the median skew is \
               {median seconds} seconds, and {forecast}.",
    next_step: "Repair time synchronisation on the signing host before its assertions are refused.",
};
