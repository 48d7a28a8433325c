//! What Salesforce's threat detection holds to be an anomaly.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;
use crate::value::codes;

pub(super) static DETECTOR: Detector = Detector {
    id: "third-party-anomaly",
    version: 1,
    title: "Anomaly reported by Salesforce",
    family: Family::Policy,
    severity: Severity::Low,
    integration: Severity::Low,
    techniques: &["T1078.004"],
    doc: include_str!("third_party_anomaly.md"),
    watch: Watch {
        tables: &[Table::Anomalies],
        matching: Matching::All,
        subject: &[Role::User],
        pattern: Pattern::Reported { regardless_of_score: codes::is_takeover },
    },
    limits: &[
        Limit {
            name: "low-from",
            value: 50,
            unit: Unit::Count,
            source: "project default: the middle of the documented range of 0 to 100",
        },
        Limit { name: "medium-from", value: 70, unit: Unit::Count, source: "project default" },
        Limit { name: "high-from", value: 90, unit: Unit::Count, source: "project default" },
    ],
    sentence: "Salesforce's threat detection reports {kind} for {user} with score {score}: {words}",
    next_step: "Look at the event in Setup, Threat Detection, and at what else was found for {user} around that time.",
};
