//! A signer's clock differs from the token endpoint's: assertions arrive long after, or before, they were issued.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "jwt-clock-skew",
    version: 1,
    title: "JWT assertions issued by a clock that is off",
    family: Family::Token,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &[],
    doc: include_str!("jwt_clock_skew.md"),
    watch: Watch {
        tables: &[Table::Assertions],
        matching: Matching::All,
        subject: &[Role::Issuer, Role::Principal],
        pattern: Pattern::Skew { from: Role::IssuedAt, to: Role::Time },
    },
    limits: &[
        Limit {
            name: "warn-above",
            value: 30,
            unit: Unit::Seconds,
            source: "project default: half of the limit below",
        },
        Limit {
            name: "fail-above",
            value: 60,
            unit: Unit::Seconds,
            source: "connected-app security guidance: received within 60 seconds of iat",
        },
        Limit { name: "hard-above", value: 180, unit: Unit::Seconds, source: "Salesforce: validity of three minutes" },
        Limit { name: "ahead-by", value: 5, unit: Unit::Seconds, source: "project default" },
    ],
    sentence: "Assertions for {user} reached Salesforce up to {worst seconds} seconds after they say they were issued \
               ({assertions} of them beyond the limit; the last one {last seconds} seconds).",
    next_step: "Set the clock of the signing host by NTP, and sign each assertion just before it is sent. Past 60 seconds \
                Salesforce answers invalid_grant without saying why.",
};
