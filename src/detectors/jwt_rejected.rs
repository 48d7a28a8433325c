//! Assertions that the token endpoint refused, with the most likely reason.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "jwt-rejected",
    version: 1,
    title: "JWT assertions refused",
    family: Family::Token,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &[],
    doc: include_str!("jwt_rejected.md"),
    watch: Watch {
        tables: &[Table::Assertions, Table::Logins],
        matching: Matching::All,
        subject: &[Role::Issuer, Role::Principal],
        pattern: Pattern::Rejection,
    },
    limits: &[
        Limit {
            name: "skew-above",
            value: 60,
            unit: Unit::Seconds,
            source: "connected-app security guidance: received within 60 seconds of iat",
        },
        Limit { name: "ahead-by", value: 5, unit: Unit::Seconds, source: "project default" },
        Limit {
            name: "lifetime-above",
            value: 180,
            unit: Unit::Seconds,
            source: "Salesforce: exp within three minutes",
        },
        Limit {
            name: "login-within",
            value: 120,
            unit: Unit::Seconds,
            source: "project default: the failed login of the same moment",
        },
    ],
    sentence: "{refused|assertion} for {user} refused ({outcome}). Most likely {cause}.",
    next_step: "Correct that cause first; the integration behind {user} does not work until then.",
};
