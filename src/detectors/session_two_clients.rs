//! One session is used with two client libraries.

use crate::batch::{Role, Table};
use crate::detector::{Detector, Family, Limit, Matching, Unit, Watch};
use crate::finding::Severity;
use crate::patterns::Pattern;

pub(super) static DETECTOR: Detector = Detector {
    id: "session-two-clients",
    version: 1,
    title: "Session used with more than one client library",
    family: Family::Client,
    severity: Severity::Medium,
    integration: Severity::Medium,
    techniques: &["T1539", "T1550.001"],
    doc: include_str!("session_two_clients.md"),
    watch: Watch {
        tables: &[Table::Calls],
        matching: Matching::And(&[Matching::Known(Role::Session), Matching::Known(Role::ClientFamily)]),
        subject: &[Role::App, Role::User, Role::Session],
        pattern: Pattern::Spread { of: Role::ClientFamily },
    },
    limits: &[Limit {
        name: "at-least",
        value: 2,
        unit: Unit::Count,
        source: "project default: a program keeps its library while it runs",
    }],
    sentence: "The session {session} of {user} was used with {distinct} client libraries: {client library}.",
    next_step: "Ask the owner of {app} whether one of their programs hands its session to another. If not, end the session and look at what the second client read.",
};
