//! One session makes calls from two networks.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "session-two-networks",
    version: 1,
    title: "Session used from two networks",
    family: Family::Network,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1550.001", "T1539"],
    doc: include_str!("session_two_networks.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::Session],
        pattern: Pattern::Spread { of: Role::Network },
    },
    limits: &[Limit {
        name: "at-least",
        value: 2,
        unit: Unit::Count,
        source: "project default: a session is opened in one place",
    }],
    sentence: "The session {session} made calls from {distinct} networks: {network}.",
    next_step: "Find out whose session it is and whether that user changed networks then. If not, end the session and revoke \
                the user's tokens: a session's key works for whoever has it.",
};
